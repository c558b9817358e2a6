/** The JSON inside a model file, checked field by field with bounds before anything is built from it. */
import { z } from 'zod';
import { NetworkError } from '../network/errors.js';
import type { NetworkSpec } from '../network/spec.js';
import { parseJson } from './parse-json.js';

const count = (max: number) => z.int().min(1).max(max);
const name = z.string().min(1).max(64);

const lif = z.strictObject({
  kind: z.literal('lif'),
  decay: z.number().min(0).lt(1),
  threshold: z.number().gt(0).max(1e6),
  fires: z.literal('above'),
  reset: z.literal('to-zero'),
  surrogate: z.literal('rectangular'),
  surrogateWidth: z.number().gt(0).max(1e6),
});

const srm = z.strictObject({
  kind: z.literal('srm'),
  threshold: z.number().gt(0).max(1e6),
  responseTau: z.number().gt(0).max(1000),
  refractoryTau: z.number().gt(0).max(1000),
  refractoryScale: z.number().min(0).max(1e6),
  fires: z.literal('at-or-above'),
  surrogate: z.literal('exponential'),
  surrogateTau: z.number().gt(0).max(1e6),
  surrogateScale: z.number().gt(0).max(1e6),
});

const nodes = count(65_536);
const edge = z.tuple([z.int().min(0), z.int().min(0)]);
const graph = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('edges'), nodes, edges: z.array(edge).max(1_000_000) }),
  z.strictObject({ kind: z.literal('chain'), nodes }),
  // n(n-1)/2 edges: 1,024 nodes are half a million.
  z.strictObject({ kind: z.literal('causal-complete'), nodes: count(1024) }),
]);

const layer = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('tagconv'),
    graph,
    hops: z.int().min(0).max(16),
    inputs: count(256),
    outputs: count(4096),
  }),
  z.strictObject({ kind: z.literal('dense'), inputs: count(16_777_216), outputs: count(65_536) }),
]);

const stack = z.strictObject({
  neuron: z.discriminatedUnion('kind', [lif, srm]),
  layers: z.array(layer).min(1).max(16),
});
const order = z.array(z.int().min(0)).max(1_048_576).optional();

const share = z.number().min(0).max(1);
const stopping = z.strictObject({
  thresholds: z.array(share.nullable()).min(1).max(1024),
  minMargin: share.optional(),
  holdBins: count(65_536),
  targetError: share,
});

const spec = z.strictObject({
  name,
  input: z.strictObject({
    taxels: count(4096),
    channels: count(256),
    bins: count(65_536),
    binUs: count(60_000_000),
  }),
  labels: z.array(name).min(1).max(1024),
  time: stack.extend({ order }).optional(),
  location: stack.extend({ order, step: z.enum(['taxel', 'channel']).optional() }).optional(),
  fused: stack.optional(),
  decision: z.strictObject({
    fusion: z.enum(['mean', 'sum']),
    locationWeight: z.number().gt(0).max(1000).optional(),
    temperature: z.number().gt(0).max(1000),
    psi: z.number().gt(0).max(1000).optional(),
    stopping: stopping.optional(),
  }),
});

const counts = z.array(z.int().min(0)).max(1024);
const selfTest = z
  .array(
    z.strictObject({
      /** Ascending cell indices as differences to the one before: smaller in JSON. */
      cellDeltas: z.array(z.int().min(0)).max(16_777_216),
      time: counts.optional(),
      location: counts.optional(),
      fused: counts.optional(),
      label: z.int().min(0),
    }),
  )
  .max(64);

const record = z.record(z.string(), z.json());
const version = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);

/** A window with the output counts that it must give, on every engine. */
export type SelfTestCase = z.infer<typeof selfTest>[number];

/** Free-form JSON object: training provenance, metrics. */
export type JsonRecord = z.infer<typeof record>;

export const parseSpec = parser('spec', spec) as (json: string) => NetworkSpec;
export const parseSelfTest = parser('self-test', selfTest);
export const parseRecord = parser('record', record);
export const parseVersion = parser('version', version);

function parser<T>(what: string, schema: z.ZodType<T>): (json: string) => T {
  return (json) => {
    let value: unknown;
    try {
      value = parseJson(json);
    } catch (error) {
      throw new NetworkError(`the model's ${what} is not JSON: ${(error as Error).message}`);
    }
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    const issues = result.error.issues
      .slice(0, 10)
      .map((issue) => `${issue.path.join('.') || what}: ${issue.message}`);
    throw new NetworkError(`the model's ${what} is not valid: ${issues.join('; ')}`);
  };
}
