/** Losses on the output spikes of one window, with their gradients; a batch is the mean over its windows. */
import { fusedRates, outputWeights, softmax } from '../network/decision.js';
import { NetworkError } from '../network/errors.js';
import type { ScanInput } from '../network/scan-input.js';
import type { NetworkSpec, StackName } from '../network/spec.js';
import { responseKernel } from '../neurons/srm.js';

/**
 *   mse                            on the fused rates against 1 and 0: the published choice for LIF networks
 *   cross-entropy                  of softmax(rate / temperature)
 *   num-spikes                     on the numbers of output spikes (SLAYER): the published choice for SRM networks
 *   weighted-num-spikes            the same with earlier spikes counting more, for a time branch alone (VT-SNN)
 *   weighted-location-num-spikes   the same with spikes of the location branch weighted by `decision.locationWeight`
 */
export const lossNames = [
  'mse',
  'cross-entropy',
  'num-spikes',
  'weighted-num-spikes',
  'weighted-location-num-spikes',
] as const;
export type LossName = (typeof lossNames)[number];

/** Output spikes that a class should have when it is the right one, and when it is not. */
export interface SpikeTargets {
  readonly right: number;
  readonly wrong: number;
}

export interface LossSpec {
  readonly name: LossName;
  /** For the losses on numbers of spikes. Absent: the published 150 and 5 of 481 steps, in proportion to the steps. */
  readonly targets?: SpikeTargets;
}

/** What a stack said of a window. */
export interface StackOutput {
  readonly counts: Uint32Array;
  /** Output spikes by step. */
  readonly spikes: ScanInput;
  /** dL/ds [steps, classes], to be filled. */
  readonly gradient: Float32Array;
}
export type Outputs = { readonly [S in StackName]?: StackOutput };

/**
 * The loss of one window; fills the gradients of the stacks that answer, times `share`.
 * Throws `NetworkError` for a loss that this network cannot have.
 */
export function loss(
  { name, targets }: LossSpec,
  spec: NetworkSpec,
  outputs: Outputs,
  target: number,
  share: number,
): number {
  const pieces = outputPieces(spec, outputs);
  switch (name) {
    case 'mse':
      return onRates(spec, outputs, pieces, share, (rates) => meanSquaredError(rates, target));
    case 'cross-entropy':
      return onRates(spec, outputs, pieces, share, (rates) =>
        crossEntropy(rates, target, spec.decision.temperature),
      );
    case 'num-spikes':
      return numSpikes(spec, pieces, target, share, targets);
    default:
      return weightedNumSpikes(name, spec, pieces, target, share, targets);
  }
}

/** The output of a stack as a piece of the concatenated outputs. */
interface Piece extends StackOutput {
  readonly stack: StackName;
  readonly steps: number;
  /** Steps of the pieces before. */
  readonly first: number;
  /** What a spike adds to the fused rate: weight / divisor. */
  readonly weight: number;
  readonly divisor: number;
}

function outputPieces(spec: NetworkSpec, outputs: Outputs): Piece[] {
  let first = 0;
  return outputWeights(spec).map(({ stack, weight, steps: divisor }) => {
    const output = outputs[stack]!;
    const steps = output.gradient.length / spec.labels.length;
    const piece = { ...output, stack, steps, first, weight, divisor };
    first += steps;
    return piece;
  });
}

interface RateLoss {
  readonly value: number;
  /** dL/drate a class. */
  readonly gradient: Float64Array;
}

function onRates(
  spec: NetworkSpec,
  outputs: Outputs,
  pieces: readonly Piece[],
  share: number,
  lossOf: (rates: Float32Array) => RateLoss,
): number {
  const { value, gradient } = lossOf(fusedRates(spec, outputs));
  for (const piece of pieces) {
    const perSpike = (share * piece.weight) / piece.divisor;
    fill(piece, (c) => gradient[c]! * perSpike);
  }
  return value;
}

/** mean over classes of (rate - [class is the target])^2 */
function meanSquaredError(rates: Float32Array, target: number): RateLoss {
  const classes = rates.length;
  const error = Float64Array.from(rates, (rate, c) => rate - (c === target ? 1 : 0));
  return {
    value: error.reduce((sum, e) => sum + e * e, 0) / classes,
    gradient: error.map((e) => (2 * e) / classes),
  };
}

/** -log softmax(rate / temperature)[target] */
function crossEntropy(rates: Float32Array, target: number, temperature: number): RateLoss {
  const scores = softmax(rates, temperature);
  return {
    value: -Math.log(Math.max(scores[target]!, Number.MIN_VALUE)),
    gradient: Float64Array.from(scores, (score, c) => (score - (c === target ? 1 : 0)) / temperature),
  };
}

/** Steps of the published hybrid network, to which its targets belong. */
const publishedSteps = 481;
const published: SpikeTargets = { right: 150, wrong: 5 };

function targetsFor(steps: number, given: SpikeTargets | undefined): SpikeTargets {
  const scale = steps / publishedSteps;
  return given ?? { right: published.right * scale, wrong: published.wrong * scale };
}

/**
 * SLAYER's number-of-spikes loss over the L steps of the concatenated outputs: with e(c) = (count(c) - target(c)) / L,
 *
 *   E = 1/2 sum over c of L e(c)^2
 *   dE/ds_c(j) = e(c) * sum over k < L - j of e_response(k)
 *
 * The count is seen through the response kernel of the output neurons, which runs on from one branch into the next; the
 * sum is 27 inside and shrinks over the last 76 steps. LIF neurons have no such kernel: their sum is 1.
 */
function numSpikes(
  spec: NetworkSpec,
  pieces: readonly Piece[],
  target: number,
  share: number,
  given: SpikeTargets | undefined,
): number {
  const steps = pieces.reduce((sum, piece) => sum + piece.steps, 0);
  const { right, wrong } = targetsFor(steps, given);
  const reach = kernelSums(spec, pieces);
  const errors = spec.labels.map((_, c) => {
    const count = pieces.reduce((sum, { counts }) => sum + counts[c]!, 0);
    return (count - (c === target ? right : wrong)) / steps;
  });
  for (const piece of pieces)
    fill(piece, (c, n) => share * errors[c]! * reach[Math.min(reach.length, steps - piece.first - n) - 1]!);
  return squares(errors, steps);
}

/** 1/2 sum over c of L e(c)^2 */
function squares(errors: readonly number[], steps: number): number {
  return errors.reduce((sum, error) => sum + (steps * error * error) / 2, 0);
}

/** Sums of the first 1, 2, ... taps of the output neurons' response. */
function kernelSums(spec: NetworkSpec, pieces: readonly Piece[]): Float64Array {
  const { neuron } = spec[pieces[0]!.stack]!;
  let sum = 0;
  return Float64Array.from(neuron.kind === 'srm' ? responseKernel(neuron) : [1], (tap) => (sum += tap));
}

/** Errors of weighted counts are scaled by this in the published code. */
const weightedScale = 1000;

/** The published share of location spikes. */
const publishedLocationWeight = 0.5;

/**
 * Numbers of spikes with a weight w(j) for each step: with e(c) = 1000 (sum over j of w(j) s_c(j) - target(c)) / L,
 *
 *   E = 1/2 sum over c of L e(c)^2        dE/ds_c(j) = 1000 e(c) w(j)
 *
 * For `weighted-num-spikes` (VT-SNN) targets are the sum of all weights and 5 times their mean.
 */
function weightedNumSpikes(
  name: 'weighted-num-spikes' | 'weighted-location-num-spikes',
  spec: NetworkSpec,
  pieces: readonly Piece[],
  target: number,
  share: number,
  given: SpikeTargets | undefined,
): number {
  const byTime = name === 'weighted-num-spikes';
  const wanted = byTime ? ['time'] : ['time', 'location'];
  if (String(pieces.map(({ stack }) => stack)) !== String(wanted))
    throw new NetworkError(`loss ${name} is for networks whose answer comes from ${wanted.join(' and ')}`);
  const steps = pieces.reduce((sum, piece) => sum + piece.steps, 0);
  const location = spec.decision.locationWeight ?? publishedLocationWeight;
  const weights = pieces.map((piece) =>
    byTime
      ? earlyWeights(piece.steps)
      : new Float64Array(piece.steps).fill(piece.stack === 'time' ? 1 : location),
  );
  const all = weights.flatMap((w) => [...w]).reduce((a, b) => a + b, 0);
  const { right, wrong } =
    given ?? (byTime ? { right: all, wrong: (5 * all) / steps } : targetsFor(steps, given));
  const counts = weightedCounts(spec, pieces, weights);
  const errors = spec.labels.map(
    (_, c) => (weightedScale * (counts[c]! - (c === target ? right : wrong))) / steps,
  );
  for (const [p, piece] of pieces.entries())
    fill(piece, (c, n) => share * weightedScale * errors[c]! * weights[p]![n]!);
  return squares(errors, steps);
}

/** VT-SNN's weights, w(t) = 0.00462 (1 - (t / 325)^2) for t = 1..325, stretched over the steps there are. */
function earlyWeights(steps: number): Float64Array {
  const stretch = 325 / steps;
  return Float64Array.from(
    { length: steps },
    (_, n) => 0.004623869180255456 - 4.373487046824739e-8 * ((n + 1) * stretch) ** 2,
  );
}

function weightedCounts(
  spec: NetworkSpec,
  pieces: readonly Piece[],
  weights: readonly Float64Array[],
): Float64Array {
  const counts = new Float64Array(spec.labels.length);
  for (const [p, { spikes, steps }] of pieces.entries())
    for (let n = 0; n < steps; n++)
      for (let i = spikes.start[n]!; i < spikes.start[n + 1]!; i++)
        counts[spikes.index[i]!]! += weights[p]![n]!;
  return counts;
}

function fill({ gradient, steps }: Piece, value: (c: number, n: number) => number): void {
  const classes = gradient.length / steps;
  for (let n = 0; n < steps; n++) for (let c = 0; c < classes; c++) gradient[n * classes + c] = value(c, n);
}
