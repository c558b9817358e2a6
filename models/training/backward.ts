/**
 * Backpropagation through the scan of a branch (surrogate gradients; STBP, Wu et al. 2018). With g(n) = dL/ds(n) from
 * the layer above, h = ds/du the surrogate, and
 *
 *   u(n+1) = decay * u(n) * (1 - s(n)) + I(n+1)
 *
 * the chain rule through both the membrane and the reset factor is, for n from the last step to the first,
 *
 *   dL/du(n) = (g(n) - decay * u(n) * dL/du(n+1)) * h(u(n))  +  decay * (1 - s(n)) * dL/du(n+1)
 *
 * and dL/dI(n) = dL/du(n), from which weights, biases and the layer below get theirs.
 */
import type { LifBranch } from '../engine/event/branch.js';
import type { EventLayer } from '../engine/event/layer.js';
import type { ScanInput } from '../network/scan-input.js';
import { layerFanIn } from '../network/shapes.js';
import type { LifSpec } from '../network/spec.js';
import { lifFires, lifSurrogate } from '../neurons/lif.js';
import type { Tape } from './tape.js';

/** Gradients of a layer, laid out as its rows. */
export interface LayerGradient {
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

/** Zero gradients for every layer of a branch. */
export function createGradients(branch: LifBranch): LayerGradient[] {
  return branch.layers.map(({ rows }) => ({
    weight: new Float32Array(rows.weight.length),
    bias: new Float32Array(rows.bias.length),
  }));
}

/** Working memory of the backward pass: dL/du [steps, width] a layer. */
export function createDeltas(branch: LifBranch): Float32Array[] {
  return branch.layers.map(({ width }) => new Float32Array(branch.steps * width));
}

/**
 * Adds the gradients of one window to `gradients`.
 * @param tape what the forward scan of this window recorded
 * @param outputGradient dL/dcount a class: the same for a spike at any step
 */
export function backpropagate(
  branch: LifBranch,
  tape: Tape,
  input: ScanInput,
  outputGradient: Float64Array,
  gradients: readonly LayerGradient[],
  deltas: readonly Float32Array[],
): void {
  const last = branch.layers.length - 1;
  const classes = outputGradient.length;
  const top = deltas[last]!;
  for (let i = 0; i < top.length; i++) top[i] = outputGradient[i % classes]!;

  for (let l = last; l >= 0; l--) {
    const layer = branch.layers[l]!;
    const delta = deltas[l]!;
    throughNeurons(branch.neuron, tape.membranes[l]!, delta, branch.steps, layer.width);
    addBias(gradients[l]!.bias, delta);
    if (layer.spec.kind === 'tagconv')
      addConvolution(layer, gradients[l]!.weight, tape.features, delta, branch.steps);
    else {
      addDense(layer, gradients[l]!.weight, l === 0 ? input : tape.spikes[l - 1]!, delta, branch.steps);
      if (l > 0) throughWeights(branch, l, tape.membranes[l - 1]!, delta, deltas[l - 1]!);
    }
  }
}

/** Turns dL/ds into dL/du in place; membrane row n + 1 holds u(n). */
function throughNeurons(
  lif: LifSpec,
  membrane: Float32Array,
  delta: Float32Array,
  steps: number,
  width: number,
): void {
  for (let j = 0; j < width; j++) {
    let after = 0;
    for (let n = steps - 1; n >= 0; n--) {
      const u = membrane[(n + 1) * width + j]!;
      const at = n * width + j;
      const kept = lifFires(lif, u) ? 0 : lif.decay * after;
      const spike = delta[at]! - lif.decay * u * after;
      after = spike * lifSurrogate(lif, u) + kept;
      delta[at] = after;
    }
  }
}

function addBias(bias: Float32Array, delta: Float32Array): void {
  const outputs = bias.length;
  for (let i = 0; i < delta.length; i++) bias[i % outputs]! += delta[i]!;
}

/** Weight gradient of a dense layer: the row of every active input gets dL/dI of that step. */
function addDense(
  layer: EventLayer,
  rows: Float32Array,
  active: ScanInput,
  delta: Float32Array,
  steps: number,
): void {
  const { width } = layer;
  for (let n = 0; n < steps; n++) {
    const d = n * width;
    for (let i = active.start[n]!; i < active.start[n + 1]!; i++) {
      const r = active.index[i]! * width;
      for (let j = 0; j < width; j++) rows[r + j]! += delta[d + j]!;
    }
  }
}

/** Weight gradient of a graph convolution: features are shared by all nodes and steps. */
function addConvolution(
  layer: EventLayer,
  rows: Float32Array,
  features: Float32Array,
  delta: Float32Array,
  steps: number,
): void {
  const { outputs } = layer.spec;
  const fanIn = layerFanIn(layer.spec);
  const sites = (steps * layer.width) / outputs;
  for (let site = 0; site < sites; site++) {
    const d = site * outputs;
    for (let f = 0; f < fanIn; f++) {
      const value = features[site * fanIn + f]!;
      if (value === 0) continue;
      for (let o = 0; o < outputs; o++) rows[f * outputs + o]! += value * delta[d + o]!;
    }
  }
}

/**
 * dL/ds of the layer below, W^T dL/dI. Neurons whose surrogate is zero pass nothing on, so theirs is left at zero: that
 * saves half of the work and changes no gradient.
 */
function throughWeights(
  branch: LifBranch,
  l: number,
  below: Float32Array,
  delta: Float32Array,
  belowDelta: Float32Array,
): void {
  const { rows, width } = branch.layers[l]!;
  const { weight } = rows;
  const inputs = branch.layers[l - 1]!.width;
  for (let n = 0; n < branch.steps; n++) {
    const d = n * width;
    for (let i = 0; i < inputs; i++) {
      const at = n * inputs + i;
      let sum = 0;
      if (lifSurrogate(branch.neuron, below[at + inputs]!) !== 0) {
        const r = i * width;
        for (let j = 0; j < width; j++) sum += weight[r + j]! * delta[d + j]!;
      }
      belowDelta[at] = sum;
    }
  }
}
