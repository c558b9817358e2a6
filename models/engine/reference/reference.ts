/**
 * The reference engine: the equations of the paper as plain loops over dense arrays, float32 at every operation.
 * Slow on purpose. It is checked against golden vectors made elsewhere, and every other engine is checked against it.
 */
import { normalisedAdjacency, propagateHops } from '../../graph/adjacency.js';
import { type ScanInput, scanInput } from '../../network/scan-input.js';
import { checkSpec, checkWeights, layerFanIn, layerName } from '../../network/shapes.js';
import {
  BRANCHES,
  type BranchName,
  type LayerSpec,
  type LifSpec,
  layerWidth,
  type NetworkSpec,
  scanSteps,
} from '../../network/spec.js';
import { sumBlock } from '../../network/summation.js';
import type { Weights } from '../../network/weights.js';
import type { TaxelWindow } from '../../network/window.js';
import { lifFires, lifMembrane } from '../../neurons/lif.js';
import type { BranchOutcome, Engine, Executor, Network, Outcome, Trace } from '../engine.js';

export const referenceEngine: Engine = {
  name: 'reference',
  modes: ['dense'],
  unavailable: async (mode) => checkMode(mode),
  async compile(network: Network, mode = 'dense'): Promise<Executor> {
    checkMode(mode);
    checkSpec(network.spec);
    checkWeights(network.spec, network.weights);
    return {
      engine: 'reference',
      mode: 'dense',
      spec: network.spec,
      run: async (windows) => windows.map((window) => runWindow(network, window).outcome),
      trace: async (window) => runWindow(network, window).trace,
      dispose: async () => {},
    };
  },
};

function checkMode(mode: string): undefined {
  if (mode !== 'dense') throw new RangeError(`engine reference has no mode "${mode}"; it has dense`);
}

function runWindow(network: Network, window: TaxelWindow): { outcome: Outcome; trace: Trace } {
  const outcome: { [B in BranchName]?: BranchOutcome } = {};
  const trace: { [B in BranchName]?: Uint8Array[] } = {};
  for (const branch of BRANCHES) {
    if (network.spec[branch] === undefined) continue;
    const input = scanInput(network.spec, branch, window);
    const found = runBranch(network.spec, branch, input, network.weights);
    outcome[branch] = found.outcome;
    trace[branch] = found.spikes;
  }
  return { outcome, trace };
}

/** Scans one branch: every layer once a step, each fed with the spikes that the layer before gave at the same step. */
function runBranch(spec: NetworkSpec, branch: BranchName, input: ScanInput, weights: Weights) {
  const { neuron, layers } = spec[branch]!;
  const steps = scanSteps(spec, branch);
  const nodes = branch === 'time' ? spec.input.taxels : spec.input.bins;
  const stack = layers.map((layer, index) =>
    createLayer(layer, `${branch}.${layerName(layers, index)}`, weights),
  );
  const membranes = layers.map((layer) => new Float32Array(layerWidth(layer)));
  const spikes = layers.map((layer) => new Uint8Array(steps * layerWidth(layer)));
  let synapticOps = 0;

  for (let n = 0; n < steps; n++) {
    let x: Float32Array = new Float32Array(nodes * spec.input.channels);
    for (let i = input.start[n]!; i < input.start[n + 1]!; i++) x[input.index[i]!] = 1;
    for (const [l, layer] of stack.entries()) {
      const { current, operations } = layer(x);
      synapticOps += operations;
      x = fire(neuron, membranes[l]!, current);
      spikes[l]!.set(x, n * x.length);
    }
  }

  const classes = spec.labels.length;
  const counts = new Uint32Array(classes);
  for (const [i, spike] of spikes.at(-1)!.entries()) counts[i % classes]! += spike;
  const layerSpikes = spikes.map((layer) => layer.reduce((sum, spike) => sum + spike, 0));
  return { outcome: { counts, layerSpikes, synapticOps }, spikes };
}

/** Updates the membrane potentials in place and returns the spikes, 0 or 1. */
function fire(neuron: LifSpec, membrane: Float32Array, current: Float32Array): Float32Array {
  const spikes = new Float32Array(membrane.length);
  for (let i = 0; i < membrane.length; i++) {
    membrane[i] = lifMembrane(neuron, membrane[i]!, current[i]!);
    spikes[i] = lifFires(neuron, membrane[i]!) ? 1 : 0;
  }
  return spikes;
}

interface Currents {
  readonly current: Float32Array;
  /** Multiply-adds whose input was not zero. */
  readonly operations: number;
}

/** A layer as a function from its input at one step to the currents of its neurons. */
function createLayer(layer: LayerSpec, name: string, weights: Weights): (x: Float32Array) => Currents {
  const weight = weights.get(`${name}.weight`)!.data;
  const bias = weights.get(`${name}.bias`)!.data;
  if (layer.kind === 'dense') return (x) => affine(weight, bias, x, 0, layer.inputs, layer.outputs);

  const adjacency = normalisedAdjacency(layer.graph);
  const features = layerFanIn(layer);
  return (x) => {
    const hops = new Float32Array(layer.graph.nodes * features);
    for (let i = 0; i < x.length; i++)
      hops[Math.floor(i / layer.inputs) * features + (i % layer.inputs)] = x[i]!;
    let operations = propagateHops(adjacency, layer.hops, layer.inputs, hops);
    const current = new Float32Array(layerWidth(layer));
    for (let node = 0; node < layer.graph.nodes; node++) {
      const out = affine(weight, bias, hops, node * features, features, layer.outputs);
      current.set(out.current, node * layer.outputs);
      operations += out.operations;
    }
    return { current, operations };
  };
}

/** bias + W x, where x is the slice of `inputs` values at `offset`; for the order of additions see network/summation.ts. */
function affine(
  weight: Float32Array,
  bias: Float32Array,
  x: Float32Array,
  offset: number,
  inputs: number,
  outputs: number,
): Currents {
  const current = new Float32Array(outputs);
  let active = 0;
  for (let i = 0; i < inputs; i++) if (x[offset + i] !== 0) active++;
  for (let o = 0; o < outputs; o++) {
    const blocks: number[] = [];
    for (let from = 0; from < inputs; from += sumBlock) {
      let sum = from === 0 ? bias[o]! : 0;
      for (let i = from; i < Math.min(from + sumBlock, inputs); i++) {
        sum = Math.fround(sum + Math.fround(weight[o * inputs + i]! * x[offset + i]!));
      }
      blocks.push(sum);
    }
    current[o] = pairwiseSum(blocks);
  }
  return { current, operations: active * outputs };
}

/** Neighbours first, then sums of neighbours, until one is left. */
function pairwiseSum(sums: readonly number[]): number {
  if (sums.length === 1) return sums[0]!;
  const pairs: number[] = [];
  for (let i = 0; i < sums.length; i += 2) {
    pairs.push(i + 1 < sums.length ? Math.fround(sums[i]! + sums[i + 1]!) : sums[i]!);
  }
  return pairwiseSum(pairs);
}
