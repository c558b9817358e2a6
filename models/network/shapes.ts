import { NetworkError } from './errors.js';
import {
  BRANCHES,
  type BranchName,
  type BranchSpec,
  type LayerSpec,
  layerWidth,
  type NetworkSpec,
  scanSteps,
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
  for (const branch of BRANCHES) {
    const layers = spec[branch]?.layers ?? [];
    for (const [index, layer] of layers.entries()) {
      const name = `${branch}.${layerName(layers, index)}`;
      shapes.set(`${name}.weight`, [layer.outputs, layerFanIn(layer)]);
      shapes.set(`${name}.bias`, [layer.outputs]);
    }
  }
  return shapes;
}

/** Throws `NetworkError` with every contradiction inside the spec. */
export function checkSpec(spec: NetworkSpec): void {
  const faults = BRANCHES.flatMap((branch) => {
    const found = spec[branch];
    return found === undefined ? [] : branchFaults(spec, branch, found);
  });
  if (spec.time === undefined && spec.location === undefined)
    faults.push('the network has neither a time nor a location branch');
  if (spec.labels.length === 0) faults.push('the network has no labels');
  if (faults.length > 0) throw new NetworkError(`network "${spec.name}": ${faults.join('; ')}`);
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
  if (faults.length > 0) throw new NetworkError(`network "${spec.name}": ${faults.join('; ')}`);
}

function branchFaults(
  spec: NetworkSpec,
  branch: BranchName,
  { layers, order, neuron }: BranchSpec,
): string[] {
  const faults: string[] = [];
  const steps = scanSteps(spec, branch);
  const nodes = branch === 'time' ? spec.input.taxels : spec.input.bins;
  if (order !== undefined && !isPermutation(order, steps))
    faults.push(`${branch}.order is not a permutation of 0..${steps - 1}`);
  // In u(n) = decay * u(n-1) + I(n) a decay outside [0, 1) grows without bound.
  if (!(neuron.decay >= 0 && neuron.decay < 1))
    faults.push(`${branch}: decay ${neuron.decay} is not in [0, 1)`);
  let width = nodes * spec.input.channels;
  for (const [index, layer] of layers.entries()) {
    const name = `${branch}.${layerName(layers, index)}`;
    if (layer.kind === 'tagconv') {
      if (index > 0) faults.push(`${name}: a graph convolution can only be the first layer`);
      if (layer.graph.nodes !== nodes)
        faults.push(`${name}: graph of ${layer.graph.nodes} nodes, the window has ${nodes}`);
      if (layer.inputs !== spec.input.channels)
        faults.push(`${name}: ${layer.inputs} inputs a node, the window has ${spec.input.channels} channels`);
      faults.push(...edgeFaults(name, layer.graph));
    } else if (layer.inputs !== width) {
      faults.push(`${name}: ${layer.inputs} inputs, the layer before gives ${width}`);
    }
    width = layerWidth(layer);
  }
  if (layers.length === 0) faults.push(`${branch}: no layers`);
  else if (width !== spec.labels.length)
    faults.push(`${branch}: ${width} outputs for ${spec.labels.length} labels`);
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
