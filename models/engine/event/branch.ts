import type { ScanInput } from '../../network/scan-input.js';
import { layerName } from '../../network/shapes.js';
import { type LifSpec, type NetworkSpec, type StackName, scanSteps, stepInput } from '../../network/spec.js';
import type { Weights } from '../../network/weights.js';
import type { BranchOutcome } from '../engine.js';
import type { ActiveList, Kernels } from './kernels.js';
import { createEventLayer, createLayerState, type EventLayer, type LayerState, stepLayer } from './layer.js';
import { createSrmBranch, type SrmBranch, scanSrm, srmOutcome } from './srm/srm-branch.js';

/** A stack ready to scan windows: its layers and the memory they work in. */
export type EventBranch = LifBranch | SrmBranch;

/** A stack of leaky integrate-and-fire neurons: all layers make a step before the next one. */
export interface LifBranch {
  readonly kind: 'lif';
  readonly name: StackName;
  readonly kernels: Kernels;
  readonly neuron: LifSpec;
  readonly steps: number;
  readonly layers: readonly EventLayer[];
  readonly states: readonly LayerState[];
  readonly input: ActiveList;
}

/** Called with the spikes of each layer at each step, steps in order. */
export type OnSpikes = (layer: number, step: number, spikes: ActiveList) => void;

/** Called when a layer has made its step, with its membranes, spikes and features: to record a scan. */
export type OnStep = (layer: number, step: number, state: LayerState) => void;

export function createEventBranch(
  kernels: Kernels,
  spec: NetworkSpec,
  name: StackName,
  weights: Weights,
): EventBranch {
  const { neuron, layers } = spec[name]!;
  const stack = layers.map((layer, index) => {
    const tensor = `${name}.${layerName(layers, index)}`;
    return createEventLayer(kernels, layer, weights.get(`${tensor}.weight`)!, weights.get(`${tensor}.bias`));
  });
  const steps = scanSteps(spec, name);
  if (neuron.kind === 'srm') return createSrmBranch(kernels, name, neuron, steps, stack);
  const { nodes, channels } = stepInput(spec, name);
  return {
    kind: 'lif',
    name,
    kernels,
    neuron,
    steps,
    layers: stack,
    states: stack.map((layer) => createLayerState(kernels, layer)),
    input: { index: kernels.indices(nodes * channels), count: 0 },
  };
}

/** Scans a stack over one window, from the zero state. */
export function scanBranch(branch: EventBranch, input: ScanInput, onSpikes?: OnSpikes): BranchOutcome {
  if (branch.kind === 'lif')
    return scanLif(branch, input, onSpikes && ((layer, step, { spikes }) => onSpikes(layer, step, spikes)));
  scanSrm(branch, branch.state, input);
  if (onSpikes !== undefined) tellSpikes(branch, onSpikes);
  return srmOutcome(branch, branch.state, input);
}

export function scanLif(branch: LifBranch, input: ScanInput, onStep?: OnStep): BranchOutcome {
  const { kernels, neuron, steps, layers, states } = branch;
  const counts = new Uint32Array(layers.at(-1)!.width);
  const layerSpikes = layers.map(() => 0);
  const layerOps = layers.map(() => 0);
  for (const { membrane } of states) membrane.fill(0);
  for (let n = 0; n < steps; n++) {
    let active = loadInput(branch.input, input, n);
    for (let l = 0; l < layers.length; l++) {
      const state = states[l]!;
      layerOps[l]! += stepLayer(kernels, layers[l]!, neuron, state, active);
      onStep?.(l, n, state);
      active = state.spikes;
      layerSpikes[l]! += active.count;
    }
    for (let k = 0; k < active.count; k++) counts[active.index[k]!]! += 1;
  }
  return { counts, layerSpikes, layerOps };
}

/** What is on at a step, as a view. */
export function activeAt({ start, index }: ScanInput, step: number): ActiveList {
  return { index: index.subarray(start[step]!), count: start[step + 1]! - start[step]! };
}

/** Loads the active inputs of a step into a list that kernels can read. */
export function loadInput(list: ActiveList, input: ScanInput, step: number): ActiveList {
  const from = input.start[step]!;
  list.count = input.start[step + 1]! - from;
  for (let i = 0; i < list.count; i++) list.index[i] = input.index[from + i]!;
  return list;
}

function tellSpikes({ state, steps }: SrmBranch, onSpikes: OnSpikes): void {
  for (const [l, scan] of state.scans.entries())
    for (let n = 0; n < steps; n++) onSpikes(l, n, activeAt(scan, n));
}
