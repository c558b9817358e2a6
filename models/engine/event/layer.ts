/** Layers of the event engine: weights turned so that the row of an input lies in one piece, and one step of a layer. */
import { type Adjacency, normalisedAdjacency, propagateHops } from '../../graph/adjacency.js';
import { layerFanIn } from '../../network/shapes.js';
import { type LayerSpec, type LifSpec, layerWidth, type TagConvSpec } from '../../network/spec.js';
import { blockCount } from '../../network/summation.js';
import type { Tensor } from '../../network/weights.js';
import { addScaledRow, fireLif, sumRows } from './kernels.js';

/** Indices of inputs or neurons that are on at this step: the first `count` entries, ascending. */
export interface ActiveList {
  readonly index: Uint32Array;
  count: number;
}

export interface EventLayer {
  readonly spec: LayerSpec;
  /** Neurons of the layer. */
  readonly width: number;
  /** Weights [fan-in, outputs]: row i is what input i adds to the currents. */
  readonly rows: Float32Array;
  readonly bias: Float32Array;
  /** Only for a graph convolution. */
  readonly adjacency?: Adjacency;
}

/** Where a layer keeps its membrane potentials and lists its spikes during a scan. */
export interface LayerState {
  /** u(n-1) is read at `previous`, u(n) written at `next`; equal unless a tape records every step. */
  readonly membrane: Float32Array;
  readonly spikes: ActiveList;
  /** Hop features [nodes, fan-in] of a graph convolution at the present step. */
  readonly features: Float32Array;
  /** Currents of a node of a graph convolution; block sums [blocks, outputs] of a dense layer. */
  readonly current: Float32Array;
}

export function createEventLayer(spec: LayerSpec, weight: Tensor, bias: Tensor): EventLayer {
  return {
    spec,
    width: layerWidth(spec),
    rows: transpose(weight.data, spec.outputs, layerFanIn(spec)),
    bias: bias.data,
    ...(spec.kind === 'tagconv' ? { adjacency: normalisedAdjacency(spec.graph) } : {}),
  };
}

/** State of a layer with room for `rows` rows of membrane potentials (1, or steps + 1 for a tape). */
export function createLayerState(layer: EventLayer, rows = 1): LayerState {
  const { spec, width } = layer;
  return {
    membrane: new Float32Array(rows * width),
    spikes: { index: new Uint32Array(width), count: 0 },
    features: new Float32Array(spec.kind === 'tagconv' ? spec.graph.nodes * layerFanIn(spec) : 0),
    current: new Float32Array(
      spec.kind === 'tagconv' ? spec.outputs : blockCount(spec.inputs) * spec.outputs,
    ),
  };
}

/**
 * One scan step of a layer: from the active inputs to the layer's spikes, left in `state.spikes`.
 * @returns synaptic operations done
 */
export function stepLayer(
  layer: EventLayer,
  lif: LifSpec,
  state: LayerState,
  input: ActiveList,
  previous: number,
  next: number,
): number {
  if (layer.spec.kind === 'tagconv')
    return stepConvolution(layer, layer.spec, lif, state, input, previous, next);
  const { current, membrane, spikes } = state;
  const { width } = layer;
  sumRows(current, layer.bias, layer.rows, width, input.index, input.count);
  spikes.count = fireLif(
    membrane,
    previous,
    next,
    current,
    width,
    lif.decay,
    lif.threshold,
    spikes.index,
    0,
    0,
  );
  return input.count * width;
}

function stepConvolution(
  layer: EventLayer,
  spec: TagConvSpec,
  lif: LifSpec,
  state: LayerState,
  input: ActiveList,
  previous: number,
  next: number,
): number {
  const { features, current, membrane, spikes } = state;
  const { outputs } = spec;
  const fanIn = layerFanIn(spec);
  let operations = fillFeatures(layer, spec, features, input);
  let count = 0;
  for (let node = 0; node < spec.graph.nodes; node++) {
    current.set(layer.bias);
    for (let f = 0; f < fanIn; f++) {
      const value = features[node * fanIn + f]!;
      if (value === 0) continue;
      addScaledRow(current, layer.rows, outputs, f, value);
      operations += outputs;
    }
    const at = node * outputs;
    count = fireLif(
      membrane,
      previous + at,
      next + at,
      current,
      outputs,
      lif.decay,
      lif.threshold,
      spikes.index,
      count,
      at,
    );
  }
  spikes.count = count;
  return operations;
}

/** Sets x from the active inputs and spreads it over the hops. Returns the operations of the spreading. */
function fillFeatures(
  layer: EventLayer,
  spec: TagConvSpec,
  features: Float32Array,
  input: ActiveList,
): number {
  const fanIn = layerFanIn(spec);
  features.fill(0);
  for (let i = 0; i < input.count; i++) {
    const at = input.index[i]!;
    const channel = at % spec.inputs;
    features[((at - channel) / spec.inputs) * fanIn + channel] = 1;
  }
  return propagateHops(layer.adjacency!, spec.hops, spec.inputs, features);
}

function transpose(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(matrix.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) turned[c * rows + r] = matrix[r * columns + c]!;
  return turned;
}
