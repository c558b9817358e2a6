import { type Random, seededRandom } from '../random.js';
import { tensorShapes } from './shapes.js';
import { type NetworkSpec, STACKS, type StackName } from './spec.js';
import type { Tensor, Weights } from './weights.js';

/** Spike-response neurons start with weights this much larger: their threshold is 10. */
const srmWeightScale = 10;

/**
 * Fresh weights: weight and bias of a layer uniform in +-1/sqrt(fan-in), PyTorch's default for linear layers, which the
 * published networks start from; times 10 for spike-response neurons (SLAYER's weight scale).
 */
export function initialWeights(spec: NetworkSpec, seed: number): Weights {
  const random = seededRandom(seed);
  const weights = new Map<string, Tensor>();
  let bound = 0;
  for (const [name, shape] of tensorShapes(spec)) {
    if (shape.length === 2) bound = weightScale(spec, name) / Math.sqrt(shape[1]!);
    weights.set(name, { shape, data: uniform(shape, bound, random) });
  }
  return weights;
}

function weightScale(spec: NetworkSpec, tensor: string): number {
  const stack = STACKS.find((name) => tensor.startsWith(`${name}.`)) as StackName;
  return spec[stack]!.neuron.kind === 'srm' ? srmWeightScale : 1;
}

function uniform(shape: readonly number[], bound: number, random: Random): Float32Array {
  const size = shape.reduce((a, b) => a * b, 1);
  return Float32Array.from({ length: size }, () => (2 * random() - 1) * bound);
}
