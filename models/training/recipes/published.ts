/**
 * The published networks by name, each with the sizes and the training that it was published with:
 *
 *   TactileSGNet                Gu et al., IROS 2020
 *   Tactile-SNN                 Taunyazov et al., RSS 2020
 *   Hybrid_SRM_FC, its parts    Kang et al., IJCNN 2022
 *   Hybrid_LIF_GNN, its parts   Kang et al., Frontiers in Neuroscience 2023
 *
 * A part that was published within a hybrid network only, such as a location branch alone, is trained as the whole is.
 */
import type { Edge } from '../../graph/edges.js';
import { NetworkError } from '../../network/errors.js';
import { hybridLifSpec } from '../../network/hybrid.js';
import { hybridSrmSpec } from '../../network/hybrid-srm.js';
import type { NetworkOptions } from '../../network/options.js';
import type { NetworkSpec } from '../../network/spec.js';
import type { TrainingOptions } from '../trainer.js';

/** How a published network was trained. */
export type PublishedTraining = Required<
  Pick<TrainingOptions, 'epochs' | 'batchSize' | 'loss' | 'optimiser' | 'schedule'>
>;

export interface PublishedNetwork {
  /** One line for people. */
  readonly about: string;
  readonly neuron: 'lif' | 'srm';
  readonly branches: 'both' | 'time' | 'location';
  /** One more spiking layer over the outputs of both branches. */
  readonly fuse?: 'layer';
  /** Widths of the dense layers between input, or graph convolution, and output. */
  readonly hidden: readonly number[];
  /** Time-weighted decisions during the touch; the published values are 15 (Objects), 10 (Containers) and 2 (Slip). */
  readonly psi?: number;
  readonly training: PublishedTraining;
}

const hybridLif: PublishedTraining = {
  loss: { name: 'mse' },
  optimiser: { kind: 'adam', learningRate: 1e-4, weightDecay: 0, amsgrad: true },
  batchSize: 8,
  epochs: 150,
  schedule: { 40: 0.1 },
};

const hybridSrm: PublishedTraining = {
  loss: { name: 'num-spikes' },
  optimiser: { kind: 'rmsprop', learningRate: 1e-3, weightDecay: 0.5 },
  batchSize: 8,
  epochs: 500,
  schedule: {},
};

const adamAt = (learningRate: number): PublishedTraining['optimiser'] => ({
  ...hybridLif.optimiser,
  learningRate,
});

export const PUBLISHED_NETWORKS = {
  'hybrid-lif-gnn': {
    about: 'LIF neurons, graph convolution over taxels in time and over time at the taxels; rates averaged',
    neuron: 'lif',
    branches: 'both',
    hidden: [128, 256],
    training: hybridLif,
  },
  tactilesgnet: {
    about: 'LIF neurons, graph convolution over taxels in time',
    neuron: 'lif',
    branches: 'time',
    hidden: [128, 256],
    // One sample at a time.
    training: {
      ...hybridLif,
      optimiser: adamAt(1e-3),
      batchSize: 1,
      epochs: 100,
      schedule: { 40: 0.1, 80: 0.1 },
    },
  },
  'location-lif': {
    about: 'the location branch of hybrid-lif-gnn alone',
    neuron: 'lif',
    branches: 'location',
    hidden: [128, 256],
    training: hybridLif,
  },
  'hybrid-lif-slip': {
    about: 'hybrid-lif-gnn for two classes: each convolution straight to the classes',
    neuron: 'lif',
    branches: 'both',
    hidden: [],
    training: { ...hybridLif, optimiser: adamAt(5e-3), schedule: { 40: 0.1, 80: 0.1, 120: 0.1 } },
  },
  'hybrid-srm-fc': {
    about: 'spike-response neurons, fully connected, in time and over the taxels; output spikes added up',
    neuron: 'srm',
    branches: 'both',
    hidden: [32],
    psi: 10,
    training: hybridSrm,
  },
  'hybrid-srm-fused': {
    about: 'hybrid-srm-fc with one more spiking layer over the outputs of both branches',
    neuron: 'srm',
    branches: 'both',
    fuse: 'layer',
    hidden: [32],
    training: hybridSrm,
  },
  'tactile-snn': {
    about: 'spike-response neurons, fully connected, in time',
    neuron: 'srm',
    branches: 'time',
    hidden: [32],
    training: hybridSrm,
  },
  'location-srm': {
    about: 'the location branch of hybrid-srm-fc alone',
    neuron: 'srm',
    branches: 'location',
    hidden: [32],
    training: hybridSrm,
  },
} as const satisfies Record<string, PublishedNetwork>;

export type PublishedName = keyof typeof PUBLISHED_NETWORKS;

export const PUBLISHED_NAMES = Object.keys(PUBLISHED_NETWORKS) as PublishedName[];

/** A published network by its name. */
export function publishedNetwork(name: PublishedName): PublishedNetwork {
  return PUBLISHED_NETWORKS[name];
}

/** What a published network is to look at, and what is to be other than published. */
export interface PublishedOptions extends NetworkOptions {
  /** LIF networks with a time branch: directed edges of the taxel graph. Absent: no taxel has neighbours. */
  readonly taxelEdges?: readonly Edge[];
  /** LIF networks: graph over the bins, 'sparse' (published) or 'dense'. */
  readonly temporalGraph?: 'sparse' | 'dense';
  /** LIF networks: output channels of the graph convolutions; published 64. */
  readonly convChannels?: number;
  /** LIF networks: hops of the graph convolutions; published 3. */
  readonly hops?: number;
}

/** What an option may be about; not every network has each. */
export type Part =
  | 'convolution'
  | 'taxel graph'
  | 'graph over the bins'
  | 'location order'
  | 'time weighting';

/** Why a network has no use for options about this part, for people; undefined when it has. */
export function whyUseless(name: PublishedName, part: Part): string | undefined {
  const { neuron, branches, fuse } = publishedNetwork(name);
  const needs = {
    convolution: 'lif',
    'taxel graph': 'lif time',
    'graph over the bins': 'lif location',
    'location order': 'location',
    'time weighting': 'both',
  }[part];
  if (needs.startsWith('lif') && neuron === 'srm') return 'its layers are fully connected';
  if (needs.endsWith('time') && branches === 'location') return 'it has no time branch';
  if (needs.endsWith('location') && branches === 'time') return 'it has no location branch';
  if (needs === 'both' && branches !== 'both') return 'it has one branch';
  return needs === 'both' && fuse !== undefined ? 'its last layer decides for both branches' : undefined;
}

/** The spec of a published network. Throws `NetworkError` for an option that it has no use for. */
export function publishedSpec(name: PublishedName, options: PublishedOptions): NetworkSpec {
  checkUse(name, options);
  const { neuron, branches, fuse, hidden, psi } = publishedNetwork(name);
  const { taxelEdges = [], ...given } = { hidden, ...options };
  const decision = { ...(psi === undefined ? {} : { psi }), ...options.decision };
  return neuron === 'lif'
    ? hybridLifSpec({ ...given, taxelEdges, branches, decision })
    : hybridSrmSpec({ ...given, branches, fuse: fuse ?? 'sum', decision });
}

function checkUse(name: PublishedName, options: PublishedOptions): void {
  const about: readonly (readonly [option: string, value: unknown, part: Part])[] = [
    ['convChannels', options.convChannels, 'convolution'],
    ['hops', options.hops, 'convolution'],
    ['taxelEdges', options.taxelEdges, 'taxel graph'],
    ['temporalGraph', options.temporalGraph, 'graph over the bins'],
    ['locationOrder', options.locationOrder, 'location order'],
    ['decision.psi', options.decision?.psi, 'time weighting'],
  ];
  for (const [option, value, part] of about) {
    const reason = value === undefined ? undefined : whyUseless(name, part);
    if (reason !== undefined) throw new NetworkError(`${name} has no use for ${option}: ${reason}`);
  }
}
