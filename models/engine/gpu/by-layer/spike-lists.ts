import { blockCount, sumBlock } from '../../../network/summation.js';
import type { ActiveList } from '../../event/kernels.js';

/** Part of all inputs that lists have room for at first; touch sets a few in a hundred. */
const initialShare = 1 / 16;

/**
 * Which inputs of a dense layer are on, for many rows (scan steps of several windows) at once, as gpu.js reads it:
 * compressed rows, cut further at the block limits of network/summation.ts. The entries of block b of row r are
 * `index[start[r * blocks + b]] .. index[start[r * blocks + b + 1] - 1]`.
 */
export class SpikeLists {
  readonly start: Float32Array;
  /** Room for `capacity` entries; what follows the last entry means nothing. */
  index: Float32Array;
  readonly #blocks: number;
  readonly #most: number;
  #row = 0;
  #count = 0;

  constructor(
    readonly rows: number,
    inputs: number,
  ) {
    this.#blocks = blockCount(inputs);
    this.#most = rows * inputs;
    this.start = new Float32Array(rows * this.#blocks + 1);
    this.index = new Float32Array(Math.max(inputs, Math.ceil(this.#most * initialShare)));
  }

  get capacity(): number {
    return this.index.length;
  }

  clear(): void {
    this.#row = 0;
    this.#count = 0;
  }

  /** Adds the next row; entries ascend. */
  append({ index, count }: ActiveList): void {
    this.#reserve(this.#count + count);
    const first = this.#row * this.#blocks;
    let k = 0;
    for (let block = 0; block < this.#blocks; block++) {
      this.start[first + block] = this.#count + k;
      const limit = (block + 1) * sumBlock;
      for (; k < count && index[k]! < limit; k++) this.index[this.#count + k] = index[k]!;
    }
    this.#count += count;
    this.#row++;
  }

  /** Leaves the rows that were not added empty. */
  finish(): void {
    this.start.fill(this.#count, this.#row * this.#blocks);
  }

  /** Doubles the room when it runs out. The layer's kernel is made for one size, so this must be rare. */
  #reserve(count: number): void {
    if (count <= this.index.length) return;
    let capacity = this.index.length;
    while (capacity < count) capacity = Math.min(2 * capacity, this.#most);
    const larger = new Float32Array(capacity);
    larger.set(this.index.subarray(0, this.#count));
    this.index = larger;
  }
}
