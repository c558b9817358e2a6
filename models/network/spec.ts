/**
 * The description of a hybrid location-spiking network: pure data, no weights, no code.
 *
 * A network has up to two branches over one window of binary touch. Both are stacks of the same layers and the same
 * neurons; they differ in the axis the neurons' recurrence runs over (Kang et al. 2023):
 *
 *   time branch      one scan step a bin;    nodes of the first layer's graph are taxels
 *   location branch  one scan step a taxel;  nodes of the first layer's graph are bins
 */
export interface NetworkSpec {
  /** Name for people, e.g. "demo-contacts". */
  readonly name: string;
  readonly input: InputSpec;
  /** Class names; their index is the class. */
  readonly labels: readonly string[];
  readonly time?: BranchSpec;
  readonly location?: BranchSpec;
  readonly decision: DecisionSpec;
}

/** The window that the network looks at: `bins` x `taxels` x `channels` binary cells. */
export interface InputSpec {
  readonly taxels: number;
  /** Polarities x fingers: channel = 2 * finger + (0 ON | 1 OFF). */
  readonly channels: number;
  readonly bins: number;
  /** Length of a bin in microseconds. */
  readonly binUs: number;
}

export interface BranchSpec {
  readonly neuron: LifSpec;
  /** Scan step -> bin (time branch) or taxel (location branch). Absent: in index order. */
  readonly order?: readonly number[];
  readonly layers: readonly LayerSpec[];
}

/**
 * Leaky integrate-and-fire with the conventions of the published code, spelled out because papers differ:
 *
 *   u(n) = decay * u(n-1) * (1 - s(n-1)) + I(n)        hard reset to zero, by the factor (1 - s)
 *   s(n) = 1 if u(n) > threshold, else 0               strictly greater
 *   ds/du = 1 where |u - threshold| < surrogateWidth   rectangular surrogate, also through the reset factor
 */
export interface LifSpec {
  readonly kind: 'lif';
  readonly decay: number;
  readonly threshold: number;
  readonly fires: 'above';
  readonly reset: 'to-zero';
  readonly surrogate: 'rectangular';
  readonly surrogateWidth: number;
}

export type LayerSpec = TagConvSpec | DenseSpec;

/**
 * Topology-adaptive graph convolution: out = W [x, Ax, A^2 x, ... A^hops x] + b at every node, followed by neurons.
 * `inputs` features a node become `outputs` features a node; only as first layer of a branch.
 */
export interface TagConvSpec {
  readonly kind: 'tagconv';
  readonly graph: GraphSpec;
  readonly hops: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** Fully connected layer over the flattened output of the one before (index = node * channels + channel). */
export interface DenseSpec {
  readonly kind: 'dense';
  readonly inputs: number;
  readonly outputs: number;
}

/**
 * A directed graph over `nodes` nodes; an edge [from, to] carries the feature of `from` to `to`.
 *   edges             an explicit list (undirected neighbours stand in it twice, once each way)
 *   chain             i -> i+1, the sparse temporal graph
 *   causal-complete   i -> j for all i < j, the dense temporal graph
 */
export type GraphSpec =
  | { readonly kind: 'edges'; readonly nodes: number; readonly edges: readonly (readonly [number, number])[] }
  | { readonly kind: 'chain'; readonly nodes: number }
  | { readonly kind: 'causal-complete'; readonly nodes: number };

/** From output spikes to a label: the rates of the branches are averaged, then softmax(rate / temperature). */
export interface DecisionSpec {
  readonly fusion: 'mean';
  readonly temperature: number;
}

export type BranchName = 'time' | 'location';
export const BRANCHES: readonly BranchName[] = ['time', 'location'];

/** Number of scan steps of a branch. */
export function scanSteps(spec: NetworkSpec, branch: BranchName): number {
  return branch === 'time' ? spec.input.bins : spec.input.taxels;
}

/** Number of outputs of a layer over all nodes: what the next layer sees at each scan step. */
export function layerWidth(layer: LayerSpec): number {
  return layer.kind === 'tagconv' ? layer.graph.nodes * layer.outputs : layer.outputs;
}
