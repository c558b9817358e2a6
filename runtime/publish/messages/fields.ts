import { z } from 'zod';
import { ID_PATTERN } from '../../id.js';

/** Fields that several messages share. Units stand in the names: `_us` microseconds, `_ms` milliseconds. */

export const id = z.string().regex(ID_PATTERN);

export const label = z.string().min(1).max(128);

/** A moment: microseconds since the Unix epoch, or on the clock that the name of the field says. */
export const us = z.int().min(0);

/** A probability-like number from 0 to 1. */
export const unit = z.number().min(0).max(1);

export const sensors = z.array(id).min(1).describe('Sensors in the order of the channels');

const stamped = {
  publish_us: us.describe('Wall clock when the message was made, Unix time'),
  mono_us: us.describe('Monotonic clock of the host at the same moment; never steps'),
};

export const stampedTime = z.object(stamped).describe('When the message was made');

export const clockQuality = z
  .enum(['ntp', 'ptp', 'unsynced', 'unknown'])
  .describe('What disciplines the wall clock of the host');

export const eventTime = z
  .object({
    sensor_first_us: us.optional().describe('First event on the clock of the sensor'),
    sensor_last_us: us.optional().describe('Last event on the clock of the sensor'),
    event_first_us: us.describe('First event of the window on the wall clock, Unix time'),
    event_last_us: us.describe('Last event that counted, on the wall clock, Unix time'),
    decision_us: us.describe('When the network had answered, wall clock, Unix time'),
    ...stamped,
    clock: clockQuality,
    sensor_offset_err_us: us.optional().describe('Bound on the error of sensor to host time'),
    wall_err_us: us.optional().describe('Bound on the error of the wall clock'),
  })
  .describe('Moments');

export const latency = z
  .object({
    ingest: us.describe('Event at the sensor to event decoded'),
    wait: us.describe('... to the window taken by the engine'),
    encode: us.describe('... to the window encoded as input of the network'),
    infer: us.describe('... to the answer of the network'),
    post: us.describe('... to the message made'),
    total: us.describe('Sum of the parts'),
  })
  .describe('Durations from one monotonic clock, in microseconds');

export const modelName = z
  .object({
    id: id.describe('Name of the model'),
    version: z.string().min(1).max(64).describe('Version of the model'),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{8,64}$/)
      .describe('SHA-256 of the model file, or its first digits'),
    backend: z.enum(['cpu', 'gpu']).describe('What computed it'),
  })
  .describe('The model that answered');

/** An estimated energy; `microjoules` gives its value. */
export const energy = z.number().min(0);

/** Picojoules in microjoules, to four digits: no estimate is better. */
export function microjoules(picojoules: number): number {
  return Number((picojoules / 1e6).toPrecision(4));
}

export const flags = z.array(z.string()).optional().describe('Remarks: incomplete, revised, late');

export const top = {
  label: label.describe('The class with the highest score'),
  label_id: z.int().min(0).describe('Its index'),
  confidence: unit.describe('Its score'),
  margin: unit.describe('Its score less that of the next class'),
};

/** What a pipeline leaves out because it is overloaded. */
export const shedLevel = z
  .int()
  .min(0)
  .max(3)
  .describe(
    'What it leaves out: 0 nothing, 1 models on trial, 2 answers before the end of a window as well, 3 all windows but the newest as well',
  );
