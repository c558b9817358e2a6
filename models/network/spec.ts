/**
 * The description of a hybrid location-spiking network: pure data, no weights, no code.
 *
 * A network has up to two branches over one window of binary touch. Both are stacks of the same layers and the same
 * neurons; they differ in the axis the neurons' recurrence runs over (Kang et al. 2023):
 *
 *   time branch      one scan step a bin;    nodes of the first layer's graph are taxels
 *   location branch  one scan step a taxel;  nodes of the first layer's graph are bins
 *
 * Their output spikes are fused by counting them, or by one more layer of neurons.
 */
export interface NetworkSpec {
  /** Name for people, e.g. "demo-contacts". */
  readonly name: string;
  readonly input: InputSpec;
  /** Class names; their index is the class. */
  readonly labels: readonly string[];
  readonly time?: BranchSpec;
  readonly location?: BranchSpec;
  /** A last spiking layer over the output spikes of both branches; absent: the counts of the branches are fused. */
  readonly fused?: StackSpec;
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

/** Layers that are scanned together, all of the same neurons. */
export interface StackSpec {
  readonly neuron: NeuronSpec;
  readonly layers: readonly LayerSpec[];
}

/** A stack that is fed with touch. */
export interface BranchSpec extends StackSpec {
  /**
   * Location branch only: what one scan step is.
   *   taxel     (default) a taxel with all its channels; inputs are bin * channels + channel
   *   channel   one channel of a taxel, in index order taxel * channels + channel; inputs are bins
   */
  readonly step?: 'taxel' | 'channel';
  /** Scan step -> bin (time branch), taxel or channel of a taxel (location branch). Absent: in index order. */
  readonly order?: readonly number[];
}

export type NeuronSpec = LifSpec | SrmSpec;

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

/**
 * Spike-response neuron with the discrete form of the published code (SLAYER, Shrestha & Orchard 2018), one step being
 * one scan step. With a(n) = W x(n), no bias:
 *
 *   e(k) = (k / responseTau) exp(1 - k / responseTau)                                  response, k = 0, 1, ...
 *   r(k) = -refractoryScale * threshold * (k / refractoryTau) exp(1 - k / refractoryTau)   refractory response
 *   u(n) = sum over k of e(k) a(n-k)  +  sum over k of r(k) s(n-k)
 *   s(n) = 1 if u(n) >= threshold, else 0                                              at or above
 *   ds/du = exp(-|u - threshold| / (surrogateTau * threshold)) * surrogateScale / (surrogateTau * threshold)
 *
 * Both responses end where they have fallen below 0.01 behind their peak.
 */
export interface SrmSpec {
  readonly kind: 'srm';
  readonly threshold: number;
  /** Scan steps from a spike to the peak of its response. */
  readonly responseTau: number;
  readonly refractoryTau: number;
  readonly refractoryScale: number;
  readonly fires: 'at-or-above';
  readonly surrogate: 'exponential';
  readonly surrogateTau: number;
  readonly surrogateScale: number;
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

/** From output spikes to a label; see network/decision.ts. The label has the highest rate. */
export interface DecisionSpec {
  /**
   *   mean   the rates of the branches (spikes a scan step) are averaged
   *   sum    the outputs of the branches stand one behind the other: all spikes over all steps
   * Without effect where one stack alone answers.
   */
  readonly fusion: 'mean' | 'sum';
  /** What a spike of the location branch counts, if one of the time branch counts 1. Absent: 1. */
  readonly locationWeight?: number;
  /** Scores are softmax(rate / temperature). */
  readonly temperature: number;
  /**
   * During the touch, the time branch counts 2 (1 - lambda) and the location branch 2 lambda, where
   * lambda = 1 / (1 + exp(-psi (t / T - 1))): the location branch sees zeros where the touch has not been yet, so it is
   * believed later. Both count 1 at the end. Absent: both count 1 always.
   */
  readonly psi?: number;
  /** When an answer during the touch may be taken for the last one; fitted by training/stopping.ts. */
  readonly stopping?: StoppingSpec;
}

/**
 * A rule for deciding before the end of the window: a class is decided when it has been the label for `holdBins` bins
 * without a break, each time with a confidence of at least its threshold and at least the least margin.
 */
export interface StoppingSpec {
  /** Least confidence of each class, 0..1, in the order of the labels; null: the class is never decided early. */
  readonly thresholds: readonly (number | null)[];
  /** Least lead over the next class, 0..1. Absent: 0. */
  readonly minMargin?: number;
  /** 1 .. bins of the window. */
  readonly holdBins: number;
  /** Share of early decisions that was allowed to be wrong when the thresholds were fitted, 0..1. */
  readonly targetError: number;
}

/** Stacks that see the touch. */
export type BranchName = 'time' | 'location';
export const BRANCHES: readonly BranchName[] = ['time', 'location'];

/** All stacks, in the order in which they are computed. */
export type StackName = BranchName | 'fused';
export const STACKS: readonly StackName[] = [...BRANCHES, 'fused'];

/** Number of scan steps of a stack. The fused one scans the output of the time branch, then that of the location branch. */
export function scanSteps(spec: NetworkSpec, stack: StackName): number {
  const { bins, taxels, channels } = spec.input;
  switch (stack) {
    case 'time':
      return bins;
    case 'location':
      return spec.location?.step === 'channel' ? taxels * channels : taxels;
    case 'fused':
      return bins + scanSteps(spec, 'location');
  }
}

/** What a stack is fed with at one scan step: `nodes` groups of `channels` inputs, index = node * channels + channel. */
export function stepInput(spec: NetworkSpec, stack: StackName): { nodes: number; channels: number } {
  const { bins, taxels, channels } = spec.input;
  switch (stack) {
    case 'time':
      return { nodes: taxels, channels };
    case 'location':
      return { nodes: bins, channels: spec.location?.step === 'channel' ? 1 : channels };
    case 'fused':
      return { nodes: 1, channels: spec.labels.length };
  }
}

/** Number of outputs of a layer over all nodes: what the next layer sees at each scan step. */
export function layerWidth(layer: LayerSpec): number {
  return layer.kind === 'tagconv' ? layer.graph.nodes * layer.outputs : layer.outputs;
}
