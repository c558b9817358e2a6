import { mostRefractoryTaps, mostResponseTaps, refractoryKernel, responseKernel } from '../neurons/srm.js';
import { NetworkError } from './errors.js';
import {
  type BranchSpec,
  type LayerSpec,
  layerWidth,
  type NetworkSpec,
  type NeuronSpec,
  STACKS,
  type StackName,
  type StackSpec,
  scanSteps,
  stepInput,
} from './spec.js';
import type { Weights } from './weights.js';

/** Name of layer `index` of a branch in tensor names: `conv` for a graph convolution, else `fc1`, `fc2` ... */
export function layerName(layers: readonly LayerSpec[], index: number): string {
  if (layers[index]!.kind === 'tagconv') return 'conv';
  return `fc${layers.slice(0, index + 1).filter((layer) => layer.kind === 'dense').length}`;
}

/** Fan-in of one output of a layer: the length of a row of its weight matrix. */
export function layerFanIn(layer: LayerSpec): number {
  return layer.kind === 'tagconv' ? (layer.hops + 1) * layer.inputs : layer.inputs;
}

/** Every tensor that a spec asks for, with its shape, in file order. */
export function tensorShapes(spec: NetworkSpec): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  for (const stack of STACKS) {
    const { layers = [], neuron } = spec[stack] ?? {};
    for (const [index, layer] of layers.entries()) {
      const name = `${stack}.${layerName(layers, index)}`;
      shapes.set(`${name}.weight`, [layer.outputs, layerFanIn(layer)]);
      if (neuron?.kind === 'lif') shapes.set(`${name}.bias`, [layer.outputs]);
    }
  }
  return shapes;
}

/** Numbers that training finds: all weights and biases. */
export function parameterCount(spec: NetworkSpec): number {
  return [...tensorShapes(spec).values()].reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

/** Throws `NetworkError` with every contradiction inside the spec. */
export function checkSpec(spec: NetworkSpec): void {
  const faults = STACKS.flatMap((stack) => {
    const found = spec[stack];
    return found === undefined ? [] : stackFaults(spec, stack, found);
  });
  const { time, location, fused } = spec;
  if (time === undefined && location === undefined)
    faults.push('the network has neither a time nor a location branch');
  if (fused !== undefined && (time === undefined || location === undefined))
    faults.push('a fused layer needs both branches');
  if (spec.labels.length === 0) faults.push('the network has no labels');
  faults.push(...stoppingFaults(spec));
  if (faults.length > 0) throw new NetworkError(`network "${spec.name}": ${faults.join('; ')}`, 'shape');
}

/** Throws `NetworkError` when a tensor is missing, left over, of another shape than the spec says, or not finite. */
export function checkWeights(spec: NetworkSpec, weights: Weights): void {
  const expected = tensorShapes(spec);
  const faults: string[] = [];
  for (const [name, shape] of expected) {
    const tensor = weights.get(name);
    if (tensor === undefined) faults.push(`tensor ${name} [${shape}] is missing`);
    else if (String(tensor.shape) !== String(shape))
      faults.push(`tensor ${name} is [${tensor.shape}], the spec needs [${shape}]`);
  }
  for (const [name, { data }] of weights) {
    if (!expected.has(name)) faults.push(`tensor ${name} is not in the spec`);
    const bad = data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) faults.push(`tensor ${name} holds ${data[bad]} at index ${bad}`);
  }
  if (faults.length > 0) throw new NetworkError(`network "${spec.name}": ${faults.join('; ')}`, 'shape');
}

function stackFaults(
  spec: NetworkSpec,
  stack: StackName,
  { layers, order, step, neuron }: StackSpec & Partial<BranchSpec>,
): string[] {
  const faults = neuronFaults(stack, neuron);
  const steps = scanSteps(spec, stack);
  const { nodes, channels } = stepInput(spec, stack);
  if (order !== undefined && !isPermutation(order, steps))
    faults.push(`${stack}.order is not a permutation of 0..${steps - 1}`);
  if (step !== undefined && stack !== 'location')
    faults.push(`${stack}.step: only the location branch has one`);
  let width = nodes * channels;
  for (const [index, layer] of layers.entries()) {
    const name = `${stack}.${layerName(layers, index)}`;
    if (layer.kind === 'tagconv') {
      if (index > 0) faults.push(`${name}: a graph convolution can only be the first layer`);
      if (neuron.kind !== 'lif') faults.push(`${name}: a graph convolution needs lif neurons`);
      if (layer.graph.nodes !== nodes)
        faults.push(`${name}: graph of ${layer.graph.nodes} nodes, the window has ${nodes}`);
      if (layer.inputs !== channels)
        faults.push(`${name}: ${layer.inputs} inputs a node, the window has ${channels} channels`);
      faults.push(...edgeFaults(name, layer.graph));
    } else if (layer.inputs !== width) {
      faults.push(`${name}: ${layer.inputs} inputs, the layer before gives ${width}`);
    }
    width = layerWidth(layer);
  }
  if (layers.length === 0) faults.push(`${stack}: no layers`);
  else if (width !== spec.labels.length)
    faults.push(`${stack}: ${width} outputs for ${spec.labels.length} labels`);
  return faults;
}

function neuronFaults(stack: StackName, neuron: NeuronSpec): string[] {
  if (neuron.kind === 'lif') {
    // In u(n) = decay * u(n-1) + I(n) a decay outside [0, 1) grows without bound.
    const { decay } = neuron;
    return decay >= 0 && decay < 1 ? [] : [`${stack}: decay ${decay} is not in [0, 1)`];
  }
  const faults: string[] = [];
  if (!(neuron.threshold > 0)) faults.push(`${stack}: threshold ${neuron.threshold} is not above 0`);
  if (!(responseKernel(neuron).length <= mostResponseTaps))
    faults.push(`${stack}: responseTau ${neuron.responseTau} gives more than ${mostResponseTaps} taps`);
  if (!(refractoryKernel(neuron).length <= mostRefractoryTaps))
    faults.push(`${stack}: refractoryTau ${neuron.refractoryTau} gives more than ${mostRefractoryTaps} taps`);
  return faults;
}

function stoppingFaults({ labels, input, decision: { stopping } }: NetworkSpec): string[] {
  if (stopping === undefined) return [];
  const { thresholds, holdBins } = stopping;
  const faults: string[] = [];
  if (thresholds.length !== labels.length)
    faults.push(`decision.stopping: ${thresholds.length} thresholds for ${labels.length} labels`);
  if (!(holdBins <= input.bins))
    faults.push(`decision.stopping: holdBins ${holdBins} is more than the ${input.bins} bins of the window`);
  return faults;
}

function edgeFaults(
  name: string,
  graph: { kind: string; nodes: number; edges?: readonly (readonly [number, number])[] },
): string[] {
  const bad = graph.edges?.find((edge) =>
    edge.some((node) => !(Number.isInteger(node) && node >= 0 && node < graph.nodes)),
  );
  return bad === undefined ? [] : [`${name}: edge [${bad}] leaves the ${graph.nodes} nodes`];
}

function isPermutation(order: readonly number[], length: number): boolean {
  return (
    order.length === length &&
    new Set(order).size === length &&
    order.every((i) => Number.isInteger(i) && i >= 0 && i < length)
  );
}
