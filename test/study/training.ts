/** One training of a study: data to learn from, data to measure on, a network, a recipe. Plain data in, plain data out. */
import {
  type AnytimeCurve,
  type AnytimeRecord,
  type Dataset,
  engineByName,
  equalShapeCost,
  evaluate,
  evaluateAnytime,
  type NetworkSpec,
  parameterCount,
  type TrainingOptions,
  train,
} from '../../models/index.js';

export type Recipe = Omit<TrainingOptions, 'seed' | 'signal' | 'onProgress' | 'start'>;

/** What is to be trained; the data is named and loaded by whoever does the work. */
export interface TrainingJob {
  /** Row of the table that it belongs to. */
  readonly row: string;
  readonly spec: NetworkSpec;
  readonly recipe: Recipe;
  readonly seed: number;
  readonly data: DataName;
  /** Also follow the answers during the touch, every so many bins, with this psi if given. */
  readonly anytime?: { readonly every: number; readonly psi?: number };
}

/** Data of a study, as text in a job: see the `datasets` of the study that reads it. */
export type DataName = { readonly set: string; readonly part: number; readonly parts: number };

export interface TrainedResult {
  readonly row: string;
  readonly data: DataName;
  readonly seed: number;
  readonly windows: number;
  readonly correct: number;
  readonly accuracy: number;
  readonly trainAccuracy: number;
  readonly parameters: number;
  /** Mean synaptic operations a window. */
  readonly synapticOps: number;
  /** Estimated synaptic energy of a window, and of the network of equal shape without spikes, in microjoules. */
  readonly energyUj: number;
  readonly equalShapeUj: number;
  readonly seconds: number;
  readonly anytime?: { readonly curve: AnytimeCurve; readonly records: readonly AnytimeRecord[] };
}

/** Trains on one part of the data and measures on the other, which nothing in the training looks at. */
export async function runTraining(
  job: TrainingJob,
  { learn, test }: { readonly learn: Dataset; readonly test: Dataset },
  onProgress: (share: number) => void = () => {},
): Promise<TrainedResult> {
  const { row, data, seed, spec, recipe, anytime } = job;
  const started = performance.now();
  const { weights, best } = await train(spec, learn, {
    ...recipe,
    seed,
    onProgress: ({ epoch, epochs, done, windows }) => onProgress((epoch + done / windows) / epochs),
  });
  const executor = await engineByName('event').compile({ spec, weights });
  const found = await evaluate(executor, test);
  return {
    ...{ row, data, seed, windows: found.total, correct: found.correct, accuracy: found.accuracy },
    trainAccuracy: best.accuracy,
    parameters: parameterCount(spec),
    synapticOps: found.synapticOps,
    energyUj: found.ledger.sums.synapticPj / 1e6,
    equalShapeUj: equalShapeCost(spec).energyPj / 1e6,
    seconds: (performance.now() - started) / 1000,
    ...(anytime === undefined ? {} : { anytime: await evaluateAnytime(executor, test, anytime) }),
  };
}
