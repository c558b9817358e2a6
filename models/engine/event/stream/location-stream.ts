/**
 * The location branch during the touch, without recomputing the window. Its graph convolution runs over the chain of
 * bins, so a new bin t changes only the features of the nodes t .. t + hops. Their neurons are scanned again over the
 * taxels; where their spikes differ from before, the sums of their blocks are renewed (see block-sums.ts); and the small
 * layers behind are scanned anew. Nodes further on have seen nothing yet: they spike as their biases make them.
 */
import { layerFanIn } from '../../../network/shapes.js';
import type { TagConvSpec } from '../../../network/spec.js';
import { sumBlock } from '../../../network/summation.js';
import type { LifBranch } from '../branch.js';
import { createLayerState, type EventLayer } from '../layer.js';
import { BlockSums } from './block-sums.js';
import type { LocationArrays, LocationWork } from './location-work.js';
import { SpikeBits } from './spike-bits.js';
import type { CellPlaces, StackStream } from './stream.js';

/** Spikes and sums of a window without any touch. */
export interface UntouchedLocation {
  readonly spikes: SpikeBits;
  readonly sums: BlockSums;
}

/** Computes what all streams of a branch begin with. */
export function untouchedLocation({ kernels, neuron, layers, steps }: LifBranch): UntouchedLocation {
  const conv = layers[0]!;
  const { nodes } = (conv.spec as TagConvSpec).graph;
  const spikes = new SpikeBits(kernels, conv.width, steps);
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
export function canStreamLocation({ layers }: LifBranch): boolean {
  const first = layers[0]!.spec;
  return first.kind === 'tagconv' && first.graph.kind === 'chain' && layers.length > 1;
}

export class LocationStream implements StackStream {
  readonly name = 'location';
  /** Answer so far, zeros after. */
  readonly counts: Uint32Array;
  readonly #arrays: LocationArrays;
  readonly #work: LocationWork;

  /** @param untouched what `untouchedLocation` found for this branch; shared by its streams */
  constructor(
    branch: LifBranch,
    private readonly untouched: UntouchedLocation,
    private readonly places: CellPlaces,
  ) {
    const { kernels, layers, steps } = branch;
    const [first] = layers as [EventLayer];
    const conv = first.spec as TagConvSpec;
    const touched = conv.hops + 1;
    const membrane = kernels.floats(touched * first.rows.stride);
    this.counts = kernels.indices(layers.at(-1)!.width);
    this.#arrays = {
      branch,
      conv,
      touch: kernels.bytes(steps * conv.graph.nodes * conv.inputs),
      spikes: new SpikeBits(kernels, first.width, steps),
      sums: new BlockSums(kernels, layers[1]!.rows, first.width, steps),
      states: layers.slice(1).map((layer) => createLayerState(kernels, layer)),
      features: kernels.floats(touched * layerFanIn(conv)),
      membrane,
      fired: { index: kernels.indices(touched * conv.outputs), count: 0 },
      blockList: kernels.indices(sumBlock),
      counts: this.counts,
    };
    this.#work = kernels.locationWork(this.#arrays);
    this.reset();
  }

  /** Back to the untouched window. */
  reset(): void {
    const { touch, spikes, sums } = this.#arrays;
    touch.fill(0);
    spikes.copy(this.untouched.spikes);
    sums.copy(this.untouched.sums);
    this.#answer();
  }

  take(bin: number, fresh: readonly number[]): void {
    if (fresh.length === 0) return;
    const { touch, conv } = this.#arrays;
    const { inputs, hops, graph } = conv;
    for (const cell of fresh) {
      const step = this.places.step(bin, cell);
      touch[step * graph.nodes * inputs + this.places.input(bin, cell)] = 1;
    }
    this.#work.renewNodes(bin, Math.min(hops + 1, graph.nodes - bin));
    this.#answer();
  }

  #answer(): void {
    this.counts.fill(0);
    this.#work.scanSums();
  }
}
