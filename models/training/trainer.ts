/** Seeded training of a network; deterministic: the same data, spec and options give the same weights, bit for bit. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { eventEngine } from '../engine/event/event.js';
import { NetworkError } from '../network/errors.js';
import { initialWeights } from '../network/initialise.js';
import type { NetworkSpec } from '../network/spec.js';
import type { Weights } from '../network/weights.js';
import { seededRandom, shuffle } from '../random.js';
import { type Dataset, stratifiedSplit } from './dataset.js';
import { Learner } from './learner.js';
import type { LossSpec } from './loss.js';
import { type Evaluation, evaluate } from './metrics.js';
import { Optimiser, type OptimiserOptions } from './optimiser.js';
import { fitTemperature } from './temperature.js';

export interface TrainingOptions {
  readonly epochs: number;
  readonly batchSize: number;
  readonly loss: LossSpec;
  readonly optimiser: OptimiserOptions;
  /** Factors on the learning rate from an epoch on (counted from 0), e.g. { 40: 0.1 }. */
  readonly schedule?: Readonly<Record<number, number>>;
  /** Seed of weights, split and shuffling. */
  readonly seed: number;
  /** Share of every class held out to choose the best epoch; 0 chooses by training loss. */
  readonly validation: number;
  /** Start from these weights instead of fresh ones. */
  readonly start?: Weights;
  /** Stops after the present batch; what is best so far is returned. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
}

/** Said after every batch; figures of the epoch so far. */
export interface TrainingProgress {
  readonly epoch: number;
  readonly epochs: number;
  /** Windows of this epoch done, of `windows`. */
  readonly done: number;
  readonly windows: number;
  readonly loss: number;
  readonly accuracy: number;
  /** The epochs that are complete. */
  readonly history: readonly EpochReport[];
}

export interface EpochReport {
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy: number;
  /** Accuracy on the held-out windows; absent without any. */
  readonly validation?: number;
}

export interface TrainingResult {
  /** Weights after the best epoch: highest validation accuracy, then lowest loss. */
  readonly weights: Weights;
  readonly best: EpochReport;
  readonly history: readonly EpochReport[];
  /** Temperature that fits the held-out windows best (temperature.ts); absent where they are fewer than 20. */
  readonly temperature?: number;
  /** True when the signal ended the training early. */
  readonly stopped: boolean;
}

/** Held-out windows from which on a temperature is fitted. */
const fewestForTemperature = 20;

/** Trains until the last epoch or the signal. Throws `NetworkError` when the data does not fit the network. */
export async function train(
  spec: NetworkSpec,
  data: Dataset,
  options: TrainingOptions,
): Promise<TrainingResult> {
  checkFit(spec, data);
  const random = seededRandom(options.seed + 1);
  const { rest, held } = stratifiedSplit(data, options.validation, random);
  const learner = new Learner(spec, options.start ?? initialWeights(spec, options.seed));
  const optimiser = new Optimiser(learner.parameters, options.optimiser);
  const history: EpochReport[] = [];
  let best: { report: EpochReport; weights: Weights; validation: Evaluation | undefined } | undefined;

  for (let epoch = 0; epoch < options.epochs && !options.signal?.aborted; epoch++) {
    const figures = await runEpoch(learner, optimiser, rest, random, epoch, history, options);
    const weights = learner.weights();
    const executor = await eventEngine.compile({ spec, weights });
    const validation = held.windows.length > 0 ? await evaluate(executor, held) : undefined;
    const report = {
      epoch,
      ...figures,
      ...(validation === undefined ? {} : { validation: validation.accuracy }),
    };
    history.push(report);
    if (best === undefined || isBetter(report, best.report)) best = { report, weights, validation };
  }
  if (best === undefined) {
    const report = { epoch: -1, loss: Number.NaN, accuracy: 0 };
    return { weights: learner.weights(), best: report, history, stopped: true };
  }
  const { weights, report, validation } = best;
  return {
    weights,
    best: report,
    history,
    ...(validation === undefined || validation.total < fewestForTemperature
      ? {}
      : { temperature: fitTemperature(validation.rates, held.targets) }),
    stopped: options.signal?.aborted ?? false,
  };
}

async function runEpoch(
  learner: Learner,
  optimiser: Optimiser,
  data: Dataset,
  random: () => number,
  epoch: number,
  history: readonly EpochReport[],
  options: TrainingOptions,
): Promise<{ loss: number; accuracy: number }> {
  const order = shuffle(Array.from(data.windows.keys()), random);
  const rate = learningRateFactor(options.schedule, epoch);
  let total = 0;
  let correct = 0;
  let done = 0;
  while (done < order.length && !options.signal?.aborted) {
    const batch = order.slice(done, done + options.batchSize);
    learner.beginBatch();
    for (const i of batch) {
      const seen = learner.learn(data.windows[i]!, data.targets[i]!, options.loss, 1 / batch.length);
      total += seen.loss;
      if (seen.correct) correct++;
    }
    optimiser.step(learner.gradients, rate);
    done += batch.length;
    const figures = { loss: total / done, accuracy: correct / done };
    options.onProgress?.({ epoch, epochs: options.epochs, done, windows: order.length, ...figures, history });
    await nextTurn(); // lets Ctrl-C and timers in
  }
  return { loss: total / Math.max(1, done), accuracy: correct / Math.max(1, done) };
}

function learningRateFactor(schedule: Readonly<Record<number, number>> = {}, epoch: number): number {
  const steps = Object.entries(schedule).filter(([from]) => epoch >= Number(from));
  return steps.reduce((product, [, factor]) => product * factor, 1);
}

function isBetter(a: EpochReport, b: EpochReport): boolean {
  const [va, vb] = [a.validation ?? 0, b.validation ?? 0];
  return va > vb || (va === vb && a.loss < b.loss);
}

function checkFit(spec: NetworkSpec, data: Dataset): void {
  const [a, b] = [spec.input, data.input];
  const shape = (s: typeof a): string =>
    `${s.taxels} taxels, ${s.channels} channels, ${s.bins} bins of ${s.binUs} us`;
  if (shape(a) !== shape(b))
    throw new NetworkError(`the data has ${shape(b)}; the network looks at ${shape(a)}`);
  if (data.windows.length === 0) throw new NetworkError('there are no windows to train on');
  const beyond = data.targets.find((target) => target >= spec.labels.length);
  if (beyond !== undefined)
    throw new NetworkError(`the data has class ${beyond}; the network has ${spec.labels.length} classes`);
}
