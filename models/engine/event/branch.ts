import type { ScanInput } from '../../network/scan-input.js';
import { layerName } from '../../network/shapes.js';
import { type BranchName, type LifSpec, type NetworkSpec, scanSteps } from '../../network/spec.js';
import type { Weights } from '../../network/weights.js';
import type { BranchOutcome } from '../engine.js';
import {
  type ActiveList,
  createEventLayer,
  createLayerState,
  type EventLayer,
  type LayerState,
  stepLayer,
} from './layer.js';

/** A branch ready to scan windows: its layers and the memory they work in. */
export interface EventBranch {
  readonly name: BranchName;
  readonly neuron: LifSpec;
  readonly steps: number;
  readonly layers: readonly EventLayer[];
  readonly states: readonly LayerState[];
  readonly input: ActiveList;
}

/** What a scan may leave behind for the backward pass, for traces and for tests; see `createTape`. */
export interface Tape {
  /** Membrane potentials [steps + 1, width] a layer; row 0 is the zero state before the first step. */
  readonly membranes: readonly Float32Array[];
  /** Spikes a layer: at step n the entries `start[n] .. start[n+1]` of `index`. */
  readonly spikes: readonly ScanInput[];
  /** Hop features [steps, nodes, fan-in] of the graph convolution; empty if there is none. */
  readonly features: Float32Array;
}

export function createEventBranch(spec: NetworkSpec, name: BranchName, weights: Weights): EventBranch {
  const { neuron, layers } = spec[name]!;
  const stack = layers.map((layer, index) => {
    const tensor = `${name}.${layerName(layers, index)}`;
    return createEventLayer(layer, weights.get(`${tensor}.weight`)!, weights.get(`${tensor}.bias`)!);
  });
  const nodes = name === 'time' ? spec.input.taxels : spec.input.bins;
  return {
    name,
    neuron,
    steps: scanSteps(spec, name),
    layers: stack,
    states: stack.map((layer) => createLayerState(layer)),
    input: { index: new Uint32Array(nodes * spec.input.channels), count: 0 },
  };
}

export function createTape(branch: EventBranch): Tape {
  const { steps, layers, states } = branch;
  return {
    membranes: layers.map(({ width }) => new Float32Array((steps + 1) * width)),
    spikes: layers.map(({ width }) => ({
      start: new Uint32Array(steps + 1),
      index: new Uint32Array(steps * width),
    })),
    features: new Float32Array(steps * states[0]!.features.length),
  };
}

/** Scans a branch over one window, from the zero state; fills `tape` if one is given. */
export function scanBranch(branch: EventBranch, input: ScanInput, tape?: Tape): BranchOutcome {
  const { neuron, steps, layers, states } = branch;
  const working =
    tape === undefined ? states : states.map((state, l) => ({ ...state, membrane: tape.membranes[l]! }));
  for (const { membrane } of states) membrane.fill(0);
  const counts = new Uint32Array(layers.at(-1)!.width);
  const layerSpikes = layers.map(() => 0);
  let synapticOps = 0;

  for (let n = 0; n < steps; n++) {
    let active = loadInput(branch.input, input, n);
    for (let l = 0; l < layers.length; l++) {
      const layer = layers[l]!;
      const state = working[l]!;
      const previous = tape === undefined ? 0 : n * layer.width;
      const next = tape === undefined ? 0 : previous + layer.width;
      synapticOps += stepLayer(layer, neuron, state, active, previous, next);
      active = state.spikes;
      layerSpikes[l]! += active.count;
      if (tape !== undefined) recordSpikes(tape.spikes[l]!, active, n);
    }
    if (tape !== undefined) tape.features.set(working[0]!.features, n * working[0]!.features.length);
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

function recordSpikes(record: ScanInput, active: ActiveList, step: number): void {
  const from = record.start[step]!;
  record.index.set(active.index.subarray(0, active.count), from);
  record.start[step + 1] = from + active.count;
}
