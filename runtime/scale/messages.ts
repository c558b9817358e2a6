/** What gateway and workers say to each other. Readers ignore fields that they do not know. */
import { z } from 'zod';
import { STACKS, type StackName } from '../../models/index.js';
import { ID_PATTERN } from '../id.js';
import type { Inference, LoadedModel } from '../inference/index.js';
import { fromCbor, toCbor } from './cbor.js';
import { type PackedCells, packCells } from './cells.js';

/** The longest message with a window. */
export const MAX_WINDOW_BYTES = 131_072;
/** The longest answer, and the longest word of a worker about itself. */
export const MAX_ANSWER_BYTES = 65_536;
/** Labels of a network. */
const MAX_CLASSES = 1024;
const MAX_REASON = 1000;

const VERSION = 1;
const version = z.literal(VERSION, 'is of another version of whorl');
const count = z.int().min(0).max(0xffffffff);
const quantity = z.number().min(0).max(1e15);

const windowSchema = z.object({
  v: version,
  count,
  deflated: z.boolean(),
  cells: z.instanceof(Uint8Array),
});

const spikesSchema = z.object({
  hidden: quantity,
  output: quantity,
  synops: quantity,
  synaptic_pj: quantity,
  total_pj: quantity,
});

const classCounts = z.array(count).max(MAX_CLASSES);

const worker = z.string().regex(ID_PATTERN);

const answerSchema = z.discriminatedUnion('ok', [
  z.object({ v: version, worker, ok: z.literal(false), error: z.string().max(MAX_REASON) }),
  z.object({
    ...{ v: version, worker, ok: z.literal(true) },
    counts: z.object({
      time: classCounts.optional(),
      location: classCounts.optional(),
      fused: classCounts.optional(),
    }),
    spikes: spikesSchema.optional(),
    us: z.object({ encode: quantity, infer: quantity, post: quantity }),
  }),
]);

const servedSchema = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  engine: z.string().min(1).max(64),
  mode: z.string().min(1).max(64),
  verified: count,
  median_us: quantity,
  longest_us: quantity,
});

const presenceSchema = z.object({ v: version, models: z.array(servedSchema).max(64) });

/** Output spikes and costs of a window, or why there are none. */
export type Answer = z.output<typeof answerSchema>;
/** A model as a worker has it. */
export type ServedModel = z.output<typeof servedSchema>;

/** A window as CBOR. */
export function encodeWindow(cells: Uint32Array): Uint8Array {
  const packed = packCells(cells);
  return toCbor({ v: VERSION, count: packed.count, deflated: packed.deflated, cells: packed.bytes });
}

/** Throws Error, in words, for what is no window. */
export function decodeWindow(payload: Uint8Array): PackedCells {
  const { cells: bytes, ...rest } = checked(windowSchema, fromCbor(payload, MAX_WINDOW_BYTES));
  return { bytes, ...rest };
}

export function encodeAnswer(
  worker: string,
  { counts, spikes, durations }: Omit<Inference, 'decision'>,
): Uint8Array {
  const stacks = STACKS.filter((stack) => counts[stack] !== undefined);
  return toCbor({
    ...{ v: VERSION, worker, ok: true },
    counts: Object.fromEntries(stacks.map((stack: StackName) => [stack, Array.from(counts[stack]!)])),
    ...(spikes === undefined
      ? {}
      : {
          spikes: {
            ...{ hidden: spikes.hidden, output: spikes.output, synops: spikes.synapticOps },
            ...{ synaptic_pj: spikes.energy.synapticPj, total_pj: spikes.energy.totalPj },
          },
        }),
    us: { encode: durations.encodeUs, infer: durations.inferUs, post: durations.postUs },
  });
}

/** The answer to a window that cannot be classified. */
export function encodeRefusal(worker: string, reason: string): Uint8Array {
  return toCbor({ v: VERSION, worker, ok: false, error: reason.slice(0, MAX_REASON) });
}

/** Throws Error, in words, for what is no answer. */
export function decodeAnswer(payload: Uint8Array): Answer {
  return checked(answerSchema, fromCbor(payload, MAX_ANSWER_BYTES));
}

/** What a worker says of itself: JSON, so that people can read it. */
export function encodePresence(models: readonly LoadedModel[]): string {
  return JSON.stringify({
    v: VERSION,
    models: models.map(({ sha256, engine, mode, verified, medianUs, longestUs }) => ({
      ...{ sha256, engine, mode, verified, median_us: medianUs, longest_us: longestUs },
    })),
  });
}

/** Throws Error, in words, for what is none. */
export function decodePresence(payload: Uint8Array): readonly ServedModel[] {
  if (payload.length > MAX_ANSWER_BYTES)
    throw new RangeError(`${payload.length} bytes are more than ${MAX_ANSWER_BYTES}`);
  return checked(presenceSchema, JSON.parse(Buffer.from(payload).toString('utf8'))).models;
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Error(`${issue?.path.join('.') || 'the message'}: ${issue?.message}`);
}
