/** Layers of the event engine: weights in the order the kernels want, working memory, and one step of a layer. */
import { type Adjacency, normalisedAdjacency } from '../../graph/adjacency.js';
import { layerFanIn } from '../../network/shapes.js';
import { type LayerSpec, type LifSpec, layerWidth } from '../../network/spec.js';
import { blockCount } from '../../network/summation.js';
import type { Tensor } from '../../network/weights.js';
import type { ActiveList, Kernels, Rows } from './kernels.js';

export interface EventLayer {
  readonly spec: LayerSpec;
  /** Neurons of the layer. */
  readonly width: number;
  readonly rows: Rows;
  /** Only for a graph convolution. */
  readonly adjacency?: Adjacency;
}

/** Where a layer keeps its membrane potentials and lists its spikes during a scan. */
export interface LayerState {
  readonly membrane: Float32Array;
  readonly spikes: ActiveList;
  /** Hop features [nodes, fan-in] of a graph convolution; block sums [blocks, stride] of a dense layer. */
  readonly work: Float32Array;
}

export function createEventLayer(
  kernels: Kernels,
  spec: LayerSpec,
  weight: Tensor,
  bias: Tensor | undefined,
): EventLayer {
  return {
    spec,
    width: layerWidth(spec),
    rows: turnedRows(kernels, spec, weight, bias),
    ...(spec.kind === 'tagconv' ? { adjacency: ownAdjacency(kernels, normalisedAdjacency(spec.graph)) } : {}),
  };
}

export function createLayerState(kernels: Kernels, { spec, width, rows }: EventLayer): LayerState {
  const groups = spec.kind === 'tagconv' ? spec.graph.nodes : 1;
  const work = spec.kind === 'tagconv' ? groups * layerFanIn(spec) : blockCount(spec.inputs) * rows.stride;
  const membrane = kernels.floats(groups * rows.stride);
  return {
    membrane,
    spikes: { index: kernels.indices(width), count: 0 },
    work: kernels.floats(work),
  };
}

/**
 * One scan step of a layer: from the active inputs to the layer's spikes, left in `state.spikes`.
 * @returns synaptic operations done: for a graph convolution the multiply-adds of spreading and of non-zero features
 */
export function stepLayer(
  kernels: Kernels,
  layer: EventLayer,
  lif: LifSpec,
  state: LayerState,
  input: ActiveList,
): number {
  const { spec, rows } = layer;
  if (spec.kind === 'dense') {
    kernels.dense(rows, lif, input, state.work, state.membrane, state.spikes);
    return input.count * spec.outputs;
  }
  const operations = kernels.spread(layer.adjacency!, spec, input, state.work);
  kernels.convolve(rows, lif, spec.graph.nodes, layerFanIn(spec), state.work, state.membrane, state.spikes);
  return operations;
}

function turnedRows(kernels: Kernels, spec: LayerSpec, weight: Tensor, bias?: Tensor): Rows {
  const { outputs } = spec;
  const fanIn = layerFanIn(spec);
  const stride = kernels.stride(outputs);
  const turned = kernels.floats(fanIn * stride);
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < fanIn; i++) turned[i * stride + o] = weight.data[o * fanIn + i]!;
  const ownBias = kernels.floats(stride);
  if (bias !== undefined) ownBias.set(bias.data);
  return { weight: turned, bias: ownBias, outputs, stride };
}

function ownAdjacency(kernels: Kernels, { nodes, start, from, weight }: Adjacency): Adjacency {
  const own = {
    nodes,
    start: kernels.indices(start.length),
    from: kernels.indices(from.length),
    weight: kernels.floats(weight.length),
  };
  own.start.set(start);
  own.from.set(from);
  own.weight.set(weight);
  return own;
}
