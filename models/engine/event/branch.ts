import type { ScanInput } from '../../network/scan-input.js';
import { layerName } from '../../network/shapes.js';
import { type BranchName, type LifSpec, type NetworkSpec, scanSteps } from '../../network/spec.js';
import type { Weights } from '../../network/weights.js';
import type { BranchOutcome } from '../engine.js';
import type { ActiveList, Kernels } from './kernels.js';
import { createEventLayer, createLayerState, type EventLayer, type LayerState, stepLayer } from './layer.js';

/** A branch ready to scan windows: its layers and the memory they work in. */
export interface EventBranch {
  readonly name: BranchName;
  readonly kernels: Kernels;
  readonly neuron: LifSpec;
  readonly steps: number;
  readonly layers: readonly EventLayer[];
  readonly states: readonly LayerState[];
  readonly input: ActiveList;
}

/** Takes part in a scan, to record it: a tape for the backward pass, or the spikes for a trace. */
export interface Recorder {
  /** The state that the layer works on at this step, if not its own. */
  state?(layer: number, step: number, own: LayerState): LayerState;
  /** Called when a layer has made its step. */
  record(layer: number, step: number, state: LayerState): void;
}

export function createEventBranch(
  kernels: Kernels,
  spec: NetworkSpec,
  name: BranchName,
  weights: Weights,
): EventBranch {
  const { neuron, layers } = spec[name]!;
  const stack = layers.map((layer, index) => {
    const tensor = `${name}.${layerName(layers, index)}`;
    return createEventLayer(kernels, layer, weights.get(`${tensor}.weight`)!, weights.get(`${tensor}.bias`)!);
  });
  const nodes = name === 'time' ? spec.input.taxels : spec.input.bins;
  return {
    name,
    kernels,
    neuron,
    steps: scanSteps(spec, name),
    layers: stack,
    states: stack.map((layer) => createLayerState(kernels, layer)),
    input: { index: kernels.indices(nodes * spec.input.channels), count: 0 },
  };
}

/** Scans a branch over one window, from the zero state. */
export function scanBranch(branch: EventBranch, input: ScanInput, recorder?: Recorder): BranchOutcome {
  const { kernels, neuron, steps, layers, states } = branch;
  const counts = new Uint32Array(layers.at(-1)!.width);
  const layerSpikes = layers.map(() => 0);
  let synapticOps = 0;
  for (const { membrane } of states) membrane.after.fill(0);
  for (let n = 0; n < steps; n++) {
    let active = loadInput(branch.input, input, n);
    for (let l = 0; l < layers.length; l++) {
      const state = recorder?.state?.(l, n, states[l]!) ?? states[l]!;
      synapticOps += stepLayer(kernels, layers[l]!, neuron, state, active);
      recorder?.record(l, n, state);
      active = state.spikes;
      layerSpikes[l]! += active.count;
    }
    for (let k = 0; k < active.count; k++) counts[active.index[k]!]! += 1;
  }
  return { counts, layerSpikes, synapticOps };
}

function loadInput(list: ActiveList, input: ScanInput, step: number): ActiveList {
  const from = input.start[step]!;
  list.count = input.start[step + 1]! - from;
  for (let i = 0; i < list.count; i++) list.index[i] = input.index[from + i]!;
  return list;
}
