import { type Random, seededRandom } from '../random.js';
import { tensorShapes } from './shapes.js';
import { type NetworkSpec, STACKS, type StackName } from './spec.js';
import type { Tensor, Weights } from './weights.js';

/** Spike-response neurons start with weights this much larger: their threshold is 10. */
const srmWeightScale = 10;

/**
 * Fresh weights: weight and bias of a layer uniform in +-1/sqrt(fan-in), PyTorch's default for linear layers, which the
 * published networks start from; times 10 for spike-response neurons (SLAYER's weight scale).
 *
 * A fused layer begins by passing on the spikes of each class: its diagonal is 1, or 10. With the published start it may
 * hold back the right class, whose branches then learn to be silent, and a silent layer never learns anything else (with
 * two classes and three seeds, two networks stayed at chance).
 */
export function initialWeights(spec: NetworkSpec, seed: number): Weights {
  const random = seededRandom(seed);
  const weights = new Map<string, Tensor>();
  let bound = 0;
  for (const [name, shape] of tensorShapes(spec)) {
    const scale = weightScale(spec, name);
    if (shape.length === 2) bound = scale / Math.sqrt(shape[1]!);
    const data = uniform(shape, bound, random);
    if (name === 'fused.fc1.weight')
      for (let c = 0; c < Math.min(...shape); c++) data[c * shape[1]! + c] = scale;
    weights.set(name, { shape, data });
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
