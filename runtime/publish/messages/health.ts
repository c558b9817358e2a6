import { z } from 'zod';
import { ID_PATTERN } from '../../id.js';
import { type Body, message } from './envelope.js';
import { id, modelName, shedLevel, stampedTime, us } from './fields.js';
import { SENSOR_STATES } from './status.js';

const count = z.int().min(0);

/** Counters by name; more may come. */
const counters = z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), count);

const percentiles = z.object({
  count: count.describe('Measurements in the period; without any the others are 0'),
  p50: us,
  p95: us,
  p99: us,
  max: us,
});

/** A rule, or a rule and the name of the sensor or pipeline that it is about. */
const alertId = z
  .string()
  .regex(new RegExp(`${ID_PATTERN.source.slice(0, -1)}(\\.${ID_PATTERN.source.slice(1, -1)})?$`));

const sensor = z.object({
  sensor: id.describe('Name of the sensor'),
  status: z.enum([...SENSOR_STATES, 'connecting']).describe('connecting: it has not answered yet'),
  counters: counters.describe(
    'Since the start: bytes, events, frames and events lost, attempts to open, ...',
  ),
  clock: z
    .object({
      offset_us: z.number().describe('Host time less device time'),
      skew_ppm: z.number().describe('How much faster host time runs, parts in a million'),
      bound_us: z.number().min(0).optional().describe('Bound on the error; left out while it is not known'),
      samples: count.describe('Pairs of device and host time since the clock of the device started'),
      source: z.enum(['echo', 'arrival']).describe('By round trips, or by arrivals alone'),
    })
    .optional()
    .describe('Where its clock stands; left out before the first sample'),
});

const pipeline = z.object({
  pipeline: id.describe('Name of the pipeline'),
  state: z.enum(['idle', 'loading', 'running', 'failed', 'stopped']),
  reason: z.string().optional().describe('Why it failed'),
  model: modelName.nullable().describe('The model that answers'),
  waiting: count.describe('Windows that wait for an answer, the one at a worker included'),
  shed_level: shedLevel,
  windows: counters.describe('Since the start: windows closed, answered, dropped, ...'),
  events: counters.describe('Since the start: what happened to the events'),
  latency_us: percentiles.describe('From the byte that completed a window or bin to the answer'),
  infer_us: percentiles.describe('Of the network alone'),
});

export const healthSchema = message(
  'health',
  'How the runtime fares. Not retained: old health says nothing.',
  {
    status: z.enum(['starting', 'ready', 'degraded']).describe('As in the message status'),
    reasons: z.array(z.string()).optional().describe('Why it is degraded'),
    uptime_s: z.number().min(0).describe('Since the start of the runtime'),
    period_s: z.number().min(0).describe('What event_loop, latency_us and infer_us look back on'),
    memory: z.object({
      rss_bytes: count.describe('Resident set of the process, worker threads included'),
      heap_bytes: count.describe('JavaScript heap in use, main thread'),
    }),
    clock_steps: count.describe('Times that the wall clock was set, since the start'),
    store_fault: z
      .string()
      .optional()
      .describe('Why the model store cannot be used; left out while it can, and where there is none'),
    load_1m: z.number().min(0).describe('Load average of the host over a minute'),
    event_loop: percentiles.describe('How late timers of the main thread were, microseconds'),
    mqtt: z.object({
      connected: z.boolean(),
      waiting_messages: count.describe('Kept for the broker, or on their way'),
      waiting_bytes: count.describe('Written and not taken by the network yet'),
      counters: counters.describe('Since the start: connections, messages sent and dropped, ...'),
    }),
    workers: z.object({
      up: count.describe('Inference threads that run'),
      counters: counters.describe('Since the start, of all together: answered, failed, crashes, ...'),
    }),
    sensors: z.array(sensor),
    pipelines: z.array(pipeline),
    alerts: z.array(alertId).describe('Alerts that stand'),
    t: stampedTime,
  },
);

export const alertSchema = message(
  'alert',
  'A standing fault, retained; an empty payload clears it. Void unless its session is that of the message status.',
  {
    id: alertId.describe('The rule and, behind a dot, the sensor or pipeline that it is about'),
    severity: z
      .enum(['warning', 'error'])
      .describe('error: something does not work; warning: it works badly'),
    message: z.string().min(1).describe('What is wrong and what to do'),
    since_us: us.describe('When it began to stand, wall clock, Unix time'),
    t: stampedTime,
  },
);

export type HealthBody = Body<z.infer<typeof healthSchema>>;
export type AlertBody = Body<z.infer<typeof alertSchema>>;
