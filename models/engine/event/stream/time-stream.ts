/** The time branch during the touch: the state is carried from bin to bin, and what silence would add is added. */
import type { LifBranch } from '../branch.js';
import { createLayerState, type LayerState, stepLayer } from '../layer.js';
import type { StackStream } from './stream.js';
import { Tail } from './tail.js';
import type { Touch } from './touch.js';

/** Bins between two saved states, from which a revision starts again. */
const checkpointEvery = 25;

interface Checkpoint {
  readonly membranes: readonly Float32Array[];
  readonly counts: Uint32Array;
}

export class TimeStream implements StackStream {
  readonly name = 'time';
  /** Answer so far, zeros after. */
  readonly counts: Uint32Array;
  readonly #states: readonly LayerState[];
  readonly #tail: Tail;
  /** Output spikes of the bins taken. */
  readonly #taken: Uint32Array;
  /** State before bin 0, 25, 50 ... */
  readonly #checkpoints: Checkpoint[];
  #bins = 0;

  constructor(
    private readonly branch: LifBranch,
    private readonly touch: Touch,
  ) {
    const { kernels, neuron, layers, steps } = branch;
    const classes = layers.at(-1)!.width;
    this.counts = new Uint32Array(classes);
    this.#taken = new Uint32Array(classes);
    this.#states = layers.map((layer) => createLayerState(kernels, layer));
    this.#tail = new Tail(kernels, neuron, layers);
    this.#checkpoints = Array.from({ length: Math.ceil(steps / checkpointEvery) }, () => ({
      membranes: this.#states.map(({ membrane }) => new Float32Array(membrane.length)),
      counts: new Uint32Array(classes),
    }));
  }

  reset(): void {
    this.#bins = 0;
    this.#taken.fill(0);
    for (const { membrane } of this.#states) membrane.fill(0);
  }

  take(bin: number, fresh: readonly number[]): void {
    if (bin < this.#bins) {
      if (fresh.length === 0) return;
      this.#goBack(bin);
    }
    while (this.#bins < this.touch.bins) this.#step();
    this.#answer();
  }

  /** To the last saved state before a bin. */
  #goBack(bin: number): void {
    const checkpoint = Math.floor(bin / checkpointEvery);
    const { membranes, counts } = this.#checkpoints[checkpoint]!;
    for (const [l, { membrane }] of this.#states.entries()) membrane.set(membranes[l]!);
    this.#taken.set(counts);
    this.#bins = checkpoint * checkpointEvery;
  }

  #step(): void {
    if (this.#bins % checkpointEvery === 0) this.#save(this.#checkpoints[this.#bins / checkpointEvery]!);
    const { kernels, layers, neuron } = this.branch;
    let active = this.branch.input;
    active.count = this.touch.load(this.#bins, active.index);
    for (const [l, layer] of layers.entries()) {
      const state = this.#states[l]!;
      stepLayer(kernels, layer, neuron, state, active);
      active = state.spikes;
    }
    for (let k = 0; k < active.count; k++) this.#taken[active.index[k]!]! += 1;
    this.#bins++;
  }

  #save({ membranes, counts }: Checkpoint): void {
    for (const [l, { membrane }] of this.#states.entries()) membranes[l]!.set(membrane);
    counts.set(this.#taken);
  }

  #answer(): void {
    this.counts.set(this.#taken);
    this.#tail.addTo(this.counts, this.#states, this.branch.steps - this.#bins);
  }
}
