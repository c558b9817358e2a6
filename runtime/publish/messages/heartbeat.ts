import { z } from 'zod';
import { type Body, message } from './envelope.js';
import { id, shedLevel, stampedTime } from './fields.js';

const count = z.int().min(0);

export const heartbeatSchema = message(
  'heartbeat',
  'A pipeline that has had no result to publish for a while lives and gets on: then no result means no touch. After three intervals without heartbeat or result nothing is known any more.',
  {
    pipeline: id.describe('Pipeline that lives'),
    state: z
      .enum(['ok', 'overloaded', 'incomplete', 'no_sensor'])
      .describe(
        'ok: no result means no touch; overloaded: results are late or left out; incomplete: some of its sensors are not online; no_sensor: none is, and nothing is felt',
      ),
    sensors: z
      .object({
        online: count.describe('Sensors that are online'),
        of: count.describe('Sensors of the pipeline'),
      })
      .describe('Its sensors'),
    shed: shedLevel,
    last_result_age_ms: count
      .nullable()
      .describe('Since its last result was published; null before the first'),
    t: stampedTime,
  },
);

export type HeartbeatBody = Body<z.infer<typeof heartbeatSchema>>;
