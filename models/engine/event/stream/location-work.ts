/**
 * What a new bin makes to be done in the location branch, on the arrays of a stream: plain JavaScript here, and the same
 * in WebAssembly (simd/location-work.ts), where one call does what takes a thousand from outside.
 */
import { layerFanIn } from '../../../network/shapes.js';
import type { TagConvSpec } from '../../../network/spec.js';
import { sumBlock } from '../../../network/summation.js';
import type { LifBranch } from '../branch.js';
import type { ActiveList } from '../kernels.js';
import { type LayerState, stepLayer } from '../layer.js';
import type { BlockSums } from './block-sums.js';
import type { SpikeBits } from './spike-bits.js';

/** The arrays of a stream's location branch. */
export interface LocationArrays {
  readonly branch: LifBranch;
  readonly conv: TagConvSpec;
  /** Touch so far, [steps, bins, channels], 0 or 1. */
  readonly touch: Uint8Array;
  /** Spikes of the graph convolution. */
  readonly spikes: SpikeBits;
  /** Currents of the first dense layer. */
  readonly sums: BlockSums;
  /** States of the dense layers. */
  readonly states: readonly LayerState[];
  /** Working memory of the nodes that are scanned again: hop features, membranes, spikes, spikes of a block. */
  readonly features: Float32Array;
  readonly membrane: Float32Array;
  readonly fired: ActiveList;
  readonly blockList: Uint32Array;
  /** Output spikes a class. */
  readonly counts: Uint32Array;
}

export interface LocationWork {
  /** Scans `nodes` nodes from `first` on over all steps again and renews the sums that their spikes go into. */
  renewNodes(first: number, nodes: number): void;
  /** Scans the layers behind the sums over all steps from the zero state, and counts output spikes. */
  scanSums(): void;
}

export function plainLocationWork(arrays: LocationArrays): LocationWork {
  const { branch, conv, spikes, sums, states, features, membrane, fired, blockList, counts } = arrays;
  const { kernels, neuron, layers, steps } = branch;
  const { outputs } = conv;
  return {
    renewNodes(first, nodes) {
      const from = first * outputs;
      const to = from + nodes * outputs;
      const firstBlock = Math.floor(from / sumBlock);
      const lastBlock = Math.floor((to - 1) / sumBlock);
      membrane.fill(0);
      for (let step = 0; step < steps; step++) {
        fillFeatures(arrays, step, first, nodes);
        kernels.convolve(layers[0]!.rows, neuron, nodes, layerFanIn(conv), features, membrane, fired);
        if (!spikes.replace(step, from, to, fired.index, fired.count, from)) continue;
        for (let block = firstBlock; block <= lastBlock; block++) {
          const count = spikes.list(step, block * sumBlock, (block + 1) * sumBlock, blockList);
          sums.setBlock(step, block, blockList, 0, count);
        }
        sums.renew(step, firstBlock, lastBlock);
      }
    },

    scanSums() {
      for (const state of states) state.membrane.fill(0);
      for (let step = 0; step < steps; step++) {
        const { membrane: potentials, spikes: fires } = states[0]!;
        kernels.fire(layers[1]!.rows, neuron, sums.sums, sums.root(step), potentials, fires);
        let active = fires;
        for (let l = 1; l < states.length; l++) {
          stepLayer(kernels, layers[l + 1]!, neuron, states[l]!, active);
          active = states[l]!.spikes;
        }
        for (let k = 0; k < active.count; k++) counts[active.index[k]!]! += 1;
      }
    },
  };
}

/**
 * Hop features of the nodes at a step. On the chain A^k moves x by k bins; nothing comes out of node 0, which has no
 * incoming edge and therefore weight 0 (see graph/adjacency.ts).
 */
function fillFeatures(
  { conv, touch, features }: LocationArrays,
  step: number,
  first: number,
  nodes: number,
): void {
  const { inputs, hops, graph } = conv;
  const base = step * graph.nodes;
  let at = 0;
  for (let node = first; node < first + nodes; node++) {
    for (let hop = 0; hop <= hops; hop++) {
      const source = node - hop;
      const seen = hop === 0 || source >= 1;
      for (let c = 0; c < inputs; c++) features[at++] = seen ? touch[(base + source) * inputs + c]! : 0;
    }
  }
}
