/**
 * The reference engine: the equations of the paper as plain loops over dense arrays, float32 at every operation.
 * Slow on purpose. It is checked against golden vectors made elsewhere, and every other engine is checked against it.
 */
import { normalisedAdjacency, propagateHops } from '../../graph/adjacency.js';
import { scanInput } from '../../network/scan-input.js';
import { checkSpec, checkWeights, layerFanIn, layerName } from '../../network/shapes.js';
import {
  type BranchName,
  type LayerSpec,
  type LifSpec,
  layerWidth,
  type NetworkSpec,
  type NeuronSpec,
  type SrmSpec,
  STACKS,
  type StackName,
  scanSteps,
  stepInput,
} from '../../network/spec.js';
import { sumBlock } from '../../network/summation.js';
import type { Weights } from '../../network/weights.js';
import type { TaxelWindow } from '../../network/window.js';
import { lifFires, lifMembrane } from '../../neurons/lif.js';
import { srmFires, srmMembrane, srmOf } from '../../neurons/srm.js';
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

function runWindow({ spec, weights }: Network, window: TaxelWindow): { outcome: Outcome; trace: Trace } {
  const outcome: { [S in StackName]?: BranchOutcome } = {};
  const trace: { [S in StackName]?: Uint8Array[] } = {};
  for (const stack of STACKS) {
    if (spec[stack] === undefined) continue;
    const input = stack === 'fused' ? fusedInput(trace, spec.labels.length) : touchInput(spec, stack, window);
    const found = runStack(spec, stack, input, weights);
    outcome[stack] = found.outcome;
    trace[stack] = found.spikes;
  }
  return { outcome, trace };
}

/** Input of a stack at each scan step, 0 or 1. */
type DenseInput = readonly Float32Array[];

function touchInput(spec: NetworkSpec, branch: BranchName, window: TaxelWindow): DenseInput {
  const { start, index } = scanInput(spec, branch, window);
  const { nodes, channels } = stepInput(spec, branch);
  return Array.from({ length: scanSteps(spec, branch) }, (_, n) => {
    const x = new Float32Array(nodes * channels);
    for (let i = start[n]!; i < start[n + 1]!; i++) x[index[i]!] = 1;
    return x;
  });
}

/** The outputs of the time branch step by step, then those of the location branch. */
function fusedInput({ time, location }: Trace, classes: number): DenseInput {
  return [time!, location!].flatMap((layers) => {
    const spikes = layers.at(-1)!;
    return Array.from({ length: spikes.length / classes }, (_, n) =>
      Float32Array.from(spikes.subarray(n * classes, (n + 1) * classes)),
    );
  });
}

/** Scans one stack: every layer once a step, each fed with the spikes that the layer before gave at the same step. */
function runStack(spec: NetworkSpec, stack: StackName, input: DenseInput, weights: Weights) {
  const { neuron, layers } = spec[stack]!;
  const steps = input.length;
  const currents = layers.map((layer, index) =>
    createLayer(layer, `${stack}.${layerName(layers, index)}`, weights),
  );
  const neurons = layers.map((layer) => createNeurons(neuron, layerWidth(layer), steps));
  const spikes = layers.map((layer) => new Uint8Array(steps * layerWidth(layer)));
  const layerOps = layers.map(() => 0);

  for (const [n, touch] of input.entries()) {
    let x = touch;
    for (const [l, layer] of currents.entries()) {
      const { current, operations } = layer(x);
      layerOps[l]! += operations;
      x = neurons[l]!(n, current);
      spikes[l]!.set(x, n * x.length);
    }
  }

  const classes = spec.labels.length;
  const counts = new Uint32Array(classes);
  for (const [i, spike] of spikes.at(-1)!.entries()) counts[i % classes]! += spike;
  const layerSpikes = spikes.map((layer) => layer.reduce((sum, spike) => sum + spike, 0));
  return { outcome: { counts, layerSpikes, layerOps }, spikes };
}

/** The neurons of a layer as a function from step and currents to spikes, 0 or 1; called once a step, in order. */
type Neurons = (n: number, current: Float32Array) => Float32Array;

function createNeurons(neuron: NeuronSpec, width: number, steps: number): Neurons {
  return neuron.kind === 'lif' ? lifNeurons(neuron, width) : srmNeurons(neuron, width, steps);
}

function lifNeurons(lif: LifSpec, width: number): Neurons {
  const membrane = new Float32Array(width);
  return (_, current) => {
    const spikes = new Float32Array(width);
    for (let i = 0; i < width; i++) {
      membrane[i] = lifMembrane(lif, membrane[i]!, current[i]!);
      spikes[i] = lifFires(lif, membrane[i]!) ? 1 : 0;
    }
    return spikes;
  };
}

function srmNeurons(spec: SrmSpec, width: number, steps: number): Neurons {
  const srm = srmOf(spec);
  const currents = new Float32Array(steps * width);
  const spiked = new Uint8Array(steps * width);
  return (n, current) => {
    currents.set(current, n * width);
    for (let i = 0; i < width; i++) {
      const u = srmMembrane(
        srm,
        n,
        (m) => currents[m * width + i]!,
        (m) => spiked[m * width + i] === 1,
      );
      spiked[n * width + i] = srmFires(srm, u) ? 1 : 0;
    }
    return Float32Array.from(spiked.subarray(n * width, (n + 1) * width));
  };
}

interface Currents {
  readonly current: Float32Array;
  /** Multiply-adds whose input was not zero. */
  readonly operations: number;
}

/** A layer as a function from its input at one step to the currents of its neurons. */
function createLayer(layer: LayerSpec, name: string, weights: Weights): (x: Float32Array) => Currents {
  const weight = weights.get(`${name}.weight`)!.data;
  // Spike-response neurons have none.
  const bias = weights.get(`${name}.bias`)?.data ?? new Float32Array(layer.outputs);
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
