import { z } from 'zod';
import { type Body, message } from './envelope.js';
import { id, stampedTime } from './fields.js';

export const EDGE_STATES = ['starting', 'ready', 'degraded', 'stopping', 'offline', 'lost'] as const;

const status = message(
  'status',
  'Birth and will of the runtime. offline: stopped on purpose; lost: gone without a word (sent by the broker as the will, so without seq and time: use the time of arrival). Says nothing about the robot.',
  {
    status: z.enum(EDGE_STATES).describe('What the runtime is doing'),
    reasons: z.array(z.string()).optional().describe('Why it is degraded'),
    t: stampedTime,
  },
);

/** The will is made before its time, so it can have neither a number nor a moment. */
export const statusSchema = status.partial({ seq: true, t: true }).meta(status.meta() ?? {});

export type EdgeState = (typeof EDGE_STATES)[number];
export type StatusBody = Body<z.infer<typeof status>>;

export const SENSOR_STATES = ['online', 'silent', 'absent', 'error'] as const;

export const sensorStatusSchema = message(
  'sensor-status',
  'State of one sensor. Void when the status of the edge is lost or offline.',
  {
    sensor: id.describe('Name of the sensor in the configuration'),
    status: z
      .enum(SENSOR_STATES)
      .describe(
        'online: events may come; silent: port open, nothing arrives; absent: no port; error: see reason',
      ),
    reason: z.string().optional().describe('What is wrong and what to do'),
    warnings: z
      .array(z.string())
      .optional()
      .describe('What the link could not be given as wished, e.g. its speed; it works without'),
    identity: z
      .object({
        transport: z.string().describe('Kind of transport, e.g. serial'),
        address: z.string().optional().describe('Port, address or file'),
        vendor_id: z.string().optional().describe('USB vendor, hexadecimal'),
        product_id: z.string().optional().describe('USB product, hexadecimal'),
        serial: z.string().optional().describe('Serial number'),
        device: z.string().optional().describe('What the device calls itself'),
        firmware: z.string().optional().describe('Version of its firmware'),
        geometry: z.string().optional().describe('Name of its taxel geometry'),
        taxels: z.int().min(1).optional().describe('Number of taxels'),
      })
      .optional()
      .describe('Who it is'),
    t: stampedTime,
  },
);

export type SensorState = (typeof SENSOR_STATES)[number];
export type SensorStatusBody = Body<z.infer<typeof sensorStatusSchema>>;
