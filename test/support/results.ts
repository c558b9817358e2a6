import type { LoadedModel, PipelineResult } from '../../runtime/inference/index.js';

/** A model as a worker describes it. */
export const loadedModel: LoadedModel = {
  ...{ id: 'small', version: '3', sha256: '0123456789abcdef'.repeat(4), engine: 'event', mode: 'simd' },
  labels: ['press', 'slip', 'none'],
  input: { taxels: 39, channels: 2, bins: 50, binUs: 20_000 },
  ...{ parameters: 69_606, equalShape: { multiplyAccumulates: 3_409_472, energyPj: 15_683_571.2 } },
  ...{ verified: 8, medianUs: 900, longestUs: 1500 },
};

export interface ResultFacts extends Partial<PipelineResult> {
  readonly index?: number;
  readonly scores?: readonly [number, number, number];
  readonly change?: Partial<PipelineResult['window']>;
}

/** The answer to a whole window, 1 s long, of a pipeline `touch`; what is not named is as ordinary as can be. */
export function resultOf({
  index = 0,
  scores = [0.9, 0.08, 0.02],
  change,
  ...rest
}: ResultFacts = {}): PipelineResult {
  const startUs = index * 2_000_000;
  const labelId = scores.indexOf(Math.max(...scores));
  const [best, next] = [...scores].sort((a, b) => b - a) as [number, number];
  return {
    pipeline: 'touch',
    sensors: ['finger0'],
    window: {
      ...{ index, complete: true, startUs, endUs: startUs + 1_000_000, events: 321 },
      ...{ firstEventUs: startUs + 20_000, lastEventUs: startUs + 700_000, reason: 'end' },
      ...change,
    },
    bin: 50,
    final: true,
    model: loadedModel,
    decision: {
      ...{ rates: Float32Array.from(scores), scores: Float32Array.from(scores) },
      ...{ labelId, label: loadedModel.labels[labelId]!, confidence: best, margin: best - next },
    },
    counts: {},
    spikes: {
      ...{ input: 300, hidden: 1840, output: 12, synapticOps: 91_200 },
      energy: { synapticPj: 82_080, totalPj: 4_271_234 },
    },
    timings: { ingestUs: 40, waitUs: 100, encodeUs: 10, inferUs: 900, postUs: 5, totalUs: 1055 },
    late: false,
    dropped: 0,
    ...rest,
  };
}
