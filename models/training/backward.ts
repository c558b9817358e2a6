/**
 * Backpropagation through the scan of a stack, layer by layer from the output: through the neurons (their own files know
 * how: lif-learner.ts, srm-learner.ts), into the weights, and through the weights into the spikes of the layer below.
 */
import type { EventBranch } from '../engine/event/branch.js';
import type { ActiveList, Kernels } from '../engine/event/kernels.js';
import type { EventLayer } from '../engine/event/layer.js';
import type { ScanInput } from '../network/scan-input.js';
import { layerFanIn } from '../network/shapes.js';

/** Weights and biases of a layer, [fan-in, outputs] and [outputs], or their gradients. */
export interface LayerParameters {
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

/** Where a layer's kernels work on one step: dL/dI [stride], inputs that matter, dL/dinput [inputs]. */
export interface BackwardMemory {
  readonly row: Float32Array;
  readonly live: ActiveList;
  readonly sums: Float32Array;
}

export function createBackwardMemory(kernels: Kernels, { rows, spec }: EventLayer): BackwardMemory {
  return {
    row: kernels.floats(rows.stride),
    live: { index: kernels.indices(spec.inputs), count: 0 },
    sums: kernels.floats(spec.inputs),
  };
}

/** What the forward scan of a window left behind. */
export interface Recorded {
  /** Spikes of each layer by step. */
  readonly spikes: readonly ScanInput[];
  /** Hop features [steps, nodes, fan-in] of a graph convolution. */
  readonly features?: Float32Array;
  /** Turns dL/ds of a layer into dL/dI of its currents, in place. */
  throughNeurons(layer: number, delta: Float32Array): void;
  /** Whether a spike gradient of this layer matters at place step * width + neuron: not where the surrogate is zero. */
  matters(layer: number, place: number): boolean;
}

/**
 * Adds the gradients of one window to `gradients`.
 * @param deltas working memory, dL/ds and then dL/dI [steps, width] a layer; dL/ds of the output stands in the last one
 */
export function backpropagate(
  branch: EventBranch,
  memory: readonly BackwardMemory[],
  recorded: Recorded,
  input: ScanInput,
  gradients: readonly LayerParameters[],
  deltas: readonly Float32Array[],
): void {
  for (let l = branch.layers.length - 1; l >= 0; l--) {
    const layer = branch.layers[l]!;
    const delta = deltas[l]!;
    recorded.throughNeurons(l, delta);
    addBias(gradients[l]!.bias, delta);
    if (layer.spec.kind === 'tagconv')
      addConvolution(layer, gradients[l]!.weight, recorded.features!, delta, branch.steps);
    else {
      addDense(layer, gradients[l]!.weight, l === 0 ? input : recorded.spikes[l - 1]!, delta, branch.steps);
      if (l > 0)
        throughWeights(layer, branch.kernels, memory[l]!, branch.steps, delta, deltas[l - 1]!, (at) =>
          recorded.matters(l - 1, at),
        );
    }
  }
}

function addBias(bias: Float32Array, delta: Float32Array): void {
  const outputs = bias.length;
  for (let row = 0; row < delta.length; row += outputs)
    for (let o = 0; o < outputs; o++) bias[o]! += delta[row + o]!;
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
 * dL/ds of what feeds a dense layer, W^T dL/dI. Where it does not matter it is left at zero: that saves half of the work
 * with LIF neurons and changes no gradient.
 */
export function throughWeights(
  { width, rows, spec: { inputs } }: EventLayer,
  kernels: Kernels,
  { row, live, sums }: BackwardMemory,
  steps: number,
  delta: Float32Array,
  belowDelta: Float32Array,
  matters: (place: number) => boolean,
): void {
  row.fill(0);
  for (let n = 0; n < steps; n++) {
    const first = n * inputs;
    live.count = 0;
    for (let i = 0; i < inputs; i++) if (matters(first + i)) live.index[live.count++] = i;
    row.set(delta.subarray(n * width, (n + 1) * width));
    sums.fill(0);
    kernels.products(rows, row, live, sums);
    belowDelta.set(sums, first);
  }
}
