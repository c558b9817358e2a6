/** The published networks of LIF neurons as specs: Hybrid_LIF_GNN (Kang et al. 2023) and TactileSGNet (Gu et al. 2020). */

import type { Edge } from '../graph/edges.js';
import { publishedLif } from '../neurons/lif.js';
import { denseLayers } from './dense-layers.js';
import type { NetworkOptions } from './options.js';
import type { BranchSpec, GraphSpec, NetworkSpec } from './spec.js';

export interface HybridOptions extends NetworkOptions {
  /** Directed edges of the taxel graph; see `minimumSpanningTree` and its neighbours. */
  readonly taxelEdges: readonly Edge[];
  /** Graph over the bins: 'sparse' the chain t -> t+1, 'dense' all s -> t with s < t. */
  readonly temporalGraph?: 'sparse' | 'dense';
  /** Output channels of the graph convolutions. */
  readonly convChannels?: number;
  readonly hops?: number;
  readonly branches?: 'both' | 'time' | 'location';
}

/**
 * Hybrid LIF graph network with the published sizes unless told otherwise: in each branch TAGConv(channels -> 64,
 * 3 hops), then dense 128, 256 and one output a class, all LIF; the output rates of the branches are averaged.
 */
export function hybridLifSpec(options: HybridOptions): NetworkSpec {
  const { taxels, bins, labels, branches = 'both' } = options;
  const taxelGraph: GraphSpec = { kind: 'edges', nodes: taxels, edges: options.taxelEdges };
  const binGraph: GraphSpec = {
    kind: options.temporalGraph === 'dense' ? 'causal-complete' : 'chain',
    nodes: bins,
  };
  const order = options.locationOrder;
  return {
    name: options.name,
    input: { taxels, channels: 2 * (options.fingers ?? 1), bins, binUs: options.binUs },
    labels,
    ...(branches === 'location' ? {} : { time: lifBranch(options, taxelGraph) }),
    ...(branches === 'time'
      ? {}
      : { location: { ...lifBranch(options, binGraph), ...(order === undefined ? {} : { order }) } }),
    decision: { fusion: 'mean', temperature: 0.1, ...options.decision },
  };
}

/** TactileSGNet: the time branch alone. */
export function tactileSgnetSpec(
  options: Omit<HybridOptions, 'branches' | 'locationOrder' | 'temporalGraph'>,
): NetworkSpec {
  return hybridLifSpec({ ...options, branches: 'time' });
}

function lifBranch(options: HybridOptions, graph: GraphSpec): BranchSpec {
  const { fingers = 1, convChannels = 64, hops = 3, hidden = [128, 256], labels } = options;
  return {
    neuron: publishedLif,
    layers: [
      { kind: 'tagconv', graph, hops, inputs: 2 * fingers, outputs: convChannels },
      ...denseLayers([graph.nodes * convChannels, ...hidden, labels.length]),
    ],
  };
}
