/**
 * The location branch during the touch, without recomputing the window. Its graph convolution runs over the chain of
 * bins, so a new bin t changes only the features of the nodes t .. t + hops. Their neurons are scanned again over the
 * taxels; where their spikes differ from before, the sums of their blocks are renewed (see block-sums.ts); and the small
 * layers behind are scanned anew. Nodes further on have seen nothing yet: they spike as their biases make them.
 */
import { layerFanIn } from '../../../network/shapes.js';
import type { TagConvSpec } from '../../../network/spec.js';
import { sumBlock } from '../../../network/summation.js';
import type { EventBranch } from '../branch.js';
import type { ActiveList, Membrane } from '../kernels.js';
import { createLayerState, type LayerState, stepLayer } from '../layer.js';
import { BlockSums } from './block-sums.js';
import { SpikeBits } from './spike-bits.js';

/** Spikes and sums of a window without any touch. */
export interface UntouchedLocation {
  readonly spikes: SpikeBits;
  readonly sums: BlockSums;
}

/** Computes what all streams of a branch begin with. */
export function untouchedLocation({ kernels, neuron, layers, steps }: EventBranch): UntouchedLocation {
  const conv = layers[0]!;
  const { nodes } = (conv.spec as TagConvSpec).graph;
  const spikes = new SpikeBits(conv.width, steps);
  const sums = new BlockSums(kernels, layers[1]!.rows, conv.width, steps);
  const state = createLayerState(kernels, conv);
  const list = kernels.indices(sumBlock);
  for (let step = 0; step < steps; step++) {
    kernels.convolve(
      conv.rows,
      neuron,
      nodes,
      layerFanIn(conv.spec),
      state.work,
      state.membrane,
      state.spikes,
    );
    spikes.replace(step, 0, conv.width, state.spikes.index, state.spikes.count, 0);
    for (let block = 0; block < sums.blocks; block++) {
      const count = spikes.list(step, block * sumBlock, (block + 1) * sumBlock, list);
      sums.setBlock(step, block, list, 0, count);
    }
    sums.renew(step, 0, sums.blocks - 1);
  }
  return { spikes, sums };
}

/** Whether a branch can be streamed this way: a graph convolution over the chain of bins, then dense layers. */
export function canStreamLocation({ layers }: EventBranch): boolean {
  const first = layers[0]!.spec;
  return first.kind === 'tagconv' && first.graph.kind === 'chain' && layers.length > 1;
}

export class LocationStream {
  /** Answer so far, zeros after. */
  readonly counts: Uint32Array;
  readonly #conv: TagConvSpec;
  readonly #bins: number;
  /** Touch so far, [steps, bins, channels], 0 or 1. */
  readonly #touch: Uint8Array;
  readonly #spikes: SpikeBits;
  readonly #sums: BlockSums;
  readonly #states: readonly LayerState[];
  /** Working memory of the nodes that are scanned again. */
  readonly #features: Float32Array;
  readonly #membrane: Membrane;
  readonly #fired: ActiveList;
  readonly #blockList: Uint32Array;

  /** @param untouched what `untouchedLocation` found for this branch; shared by its streams */
  constructor(
    private readonly branch: EventBranch,
    private readonly untouched: UntouchedLocation,
  ) {
    const { kernels, layers, steps } = branch;
    const conv = layers[0]!;
    this.#conv = conv.spec as TagConvSpec;
    this.#bins = this.#conv.graph.nodes;
    const { stride } = conv.rows;
    const touched = this.#conv.hops + 1;
    const membrane = kernels.floats(touched * stride);
    this.counts = new Uint32Array(layers.at(-1)!.width);
    this.#touch = new Uint8Array(steps * this.#bins * this.#conv.inputs);
    this.#spikes = new SpikeBits(conv.width, steps);
    this.#sums = new BlockSums(kernels, layers[1]!.rows, conv.width, steps);
    this.#states = layers.slice(1).map((layer) => createLayerState(kernels, layer));
    this.#features = kernels.floats(touched * layerFanIn(this.#conv));
    this.#membrane = { before: membrane, after: membrane };
    this.#fired = { index: kernels.indices(touched * conv.spec.outputs), count: 0 };
    this.#blockList = kernels.indices(sumBlock);
    this.reset();
  }

  /** Back to the untouched window. */
  reset(): void {
    this.#touch.fill(0);
    this.#spikes.copy(this.untouched.spikes);
    this.#sums.copy(this.untouched.sums);
    this.#scanDense();
  }

  /** Sets cells (step * channels + channel) of a bin and brings the answer up to date. */
  add(bin: number, cells: ActiveList): void {
    const { inputs } = this.#conv;
    if (cells.count === 0) return;
    for (let k = 0; k < cells.count; k++) {
      const cell = cells.index[k]!;
      const channel = cell % inputs;
      const step = (cell - channel) / inputs;
      this.#touch[(step * this.#bins + bin) * inputs + channel] = 1;
    }
    this.#rescan(bin);
    this.#scanDense();
  }

  /** Scans the nodes bin .. bin + hops over all steps again and renews the sums that their spikes go into. */
  #rescan(bin: number): void {
    const { kernels, neuron, layers, steps } = this.branch;
    const { outputs, hops } = this.#conv;
    const nodes = Math.min(hops + 1, this.#bins - bin);
    const from = bin * outputs;
    const to = (bin + nodes) * outputs;
    const firstBlock = Math.floor(from / sumBlock);
    const lastBlock = Math.floor((to - 1) / sumBlock);
    this.#membrane.after.fill(0);
    for (let step = 0; step < steps; step++) {
      this.#fillFeatures(step, bin, nodes);
      kernels.convolve(
        layers[0]!.rows,
        neuron,
        nodes,
        layerFanIn(this.#conv),
        this.#features,
        this.#membrane,
        this.#fired,
      );
      if (!this.#spikes.replace(step, from, to, this.#fired.index, this.#fired.count, from)) continue;
      for (let block = firstBlock; block <= lastBlock; block++) {
        const count = this.#spikes.list(step, block * sumBlock, (block + 1) * sumBlock, this.#blockList);
        this.#sums.setBlock(step, block, this.#blockList, 0, count);
      }
      this.#sums.renew(step, firstBlock, lastBlock);
    }
  }

  /**
   * Hop features of the nodes at a step. On the chain A^k moves x by k bins; nothing comes out of node 0, which has no
   * incoming edge and therefore weight 0 (see graph/adjacency.ts).
   */
  #fillFeatures(step: number, bin: number, nodes: number): void {
    const { inputs, hops } = this.#conv;
    const base = step * this.#bins;
    let at = 0;
    for (let node = bin; node < bin + nodes; node++) {
      for (let hop = 0; hop <= hops; hop++) {
        const source = node - hop;
        const seen = hop === 0 || source >= 1;
        for (let c = 0; c < inputs; c++)
          this.#features[at++] = seen ? this.#touch[(base + source) * inputs + c]! : 0;
      }
    }
  }

  /** Scans the layers behind the sums over all steps, from the zero state. */
  #scanDense(): void {
    const { kernels, neuron, layers, steps } = this.branch;
    this.counts.fill(0);
    for (const { membrane } of this.#states) membrane.after.fill(0);
    for (let step = 0; step < steps; step++) {
      const first = this.#states[0]!;
      kernels.fire(
        layers[1]!.rows,
        neuron,
        this.#sums.sums,
        this.#sums.root(step),
        first.membrane,
        first.spikes,
      );
      let active = first.spikes;
      for (let l = 1; l < this.#states.length; l++) {
        stepLayer(kernels, layers[l + 1]!, neuron, this.#states[l]!, active);
        active = this.#states[l]!.spikes;
      }
      for (let k = 0; k < active.count; k++) this.counts[active.index[k]!]! += 1;
    }
  }
}
