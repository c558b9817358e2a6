import { z } from 'zod';
import { live, restart } from './annotate.js';

const onset = z.strictObject({
  kind: z.literal('onset'),
  thresholdEvents: z
    .int()
    .min(1)
    .max(65_536)
    .default(12)
    .meta(restart('So many events within the interval begin a contact', 'events')),
  intervalMs: z
    .number()
    .min(0.1)
    .max(10_000)
    .default(20)
    .meta(restart('Interval in which the events are counted', 'ms')),
  preRollMs: z
    .number()
    .min(0)
    .max(10_000)
    .default(20)
    .meta(restart('The window begins so long before the first event of the touch', 'ms')),
  rearm: z
    .enum(['quiet', 'at-once'])
    .default('quiet')
    .meta(
      restart('Next window: after the touch has ended (quiet), or right at the end of the window (at-once)'),
    ),
  releaseEvents: z
    .int()
    .min(1)
    .max(65_536)
    .optional()
    .meta(
      restart(
        'Touch is over when fewer events than this (default: a third of thresholdEvents) fall within the interval ...',
        'events',
      ),
    ),
  rearmMs: z.number().min(0).max(60_000).default(50).meta(restart('... for so long without a break', 'ms')),
});

const trigger = z.strictObject({
  kind: z.literal('trigger'),
  historyMs: z
    .number()
    .min(0)
    .max(60_000)
    .default(1000)
    .meta(restart('How far back a trigger may reach: the command may arrive after the touch', 'ms')),
});

const sliding = z.strictObject({
  kind: z.literal('sliding'),
  hopMs: z
    .number()
    .min(1)
    .max(60_000)
    .default(100)
    .meta(restart('A new window begins after each hop; shorter than the window: windows overlap', 'ms')),
  emitEmpty: z.boolean().default(false).meta(restart('Whether windows without an event are classified too')),
});

const anytime = z
  .strictObject({
    everyBins: z
      .int()
      .min(0)
      .max(10_000)
      .optional()
      .meta(
        restart(
          'A result each time so many bins are over; 0: only at the end of a window (default: each bin, 10 ms apart at least)',
          'bins',
        ),
      ),
    decideBy: z
      .enum(['fixed', 'model'])
      .default('fixed')
      .meta(
        restart(
          'What decides before the end of a window: the fixed thresholds below, or the rule that the model was given for it',
        ),
      ),
    minConfidence: z
      .number()
      .min(0)
      .max(1)
      .default(0.9)
      .meta(live('A result is decided before the end of its window from this confidence on ...', '1')),
    minMargin: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .meta(live('... when the best class leads the next by so much ...', '1')),
    holdBins: z
      .int()
      .min(1)
      .max(10_000)
      .default(8)
      .meta(live('... and both have been so for so many bins without a break', 'bins')),
  })
  .prefault({})
  .meta({ description: 'Results before the end of a window' });

/** When a window begins; its length comes from the model (bins x length of a bin). */
export const windowSchema = z.discriminatedUnion('kind', [onset, trigger, sliding]);

/** `auto` and the names of the engines in models/. */
export const ENGINES = ['auto', 'event', 'gpu', 'reference'] as const;

export const pipelineSchema = z.strictObject({
  sensors: z
    .array(z.string())
    .min(1)
    .max(16)
    .meta(restart('Names of the sensors, in the order of the channels of the model')),
  model: z
    .string()
    .min(1)
    .max(4096)
    .meta(
      restart(
        'Model file (.safetensors), relative to this file, or the name of a bundled model; store: what is active in models.store. A file goes into the store at the first start, and from then on the store says what serves',
      ),
    ),
  engine: z
    .strictObject({
      name: z
        .enum(ENGINES)
        .default('event')
        .meta(
          restart(
            'Which engine runs the model; auto: the fastest for whole windows on this machine, measured once',
          ),
        ),
      mode: z
        .string()
        .min(1)
        .max(32)
        .optional()
        .meta(restart('Mode of the engine, e.g. simd, plain, webgpu, webasm; without it: the best there is')),
    })
    .prefault({})
    .meta({ description: 'How the model is computed; the answer is the same' }),
  window: windowSchema.prefault({ kind: 'onset' }).meta({ description: 'When a window begins' }),
  anytime,
  queueLimit: z
    .int()
    .min(1)
    .max(1000)
    .default(4)
    .meta(restart('Windows that may wait for the engine; one more drops the oldest', 'windows')),
  validMs: z
    .int()
    .min(1)
    .max(600_000)
    .default(500)
    .meta(live('How long a controller may trust a decision', 'ms')),
  deadlineMs: z
    .number()
    .min(1)
    .max(600_000)
    .default(100)
    .meta(
      live('An answer is late when it takes longer, from the byte that completed its window or bin', 'ms'),
    ),
  minConfidence: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .meta(live('Below this confidence the result of a whole window is not decided', '1')),
  enabled: z.boolean().default(true).meta(restart('Whether the pipeline runs')),
});

/** The window of a pipeline that does not say otherwise. */
export const defaultWindow = windowSchema.parse({ kind: 'onset' });
