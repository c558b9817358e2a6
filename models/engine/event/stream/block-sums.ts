/**
 * The currents of the first dense layer at every scan step, kept as the tree of sums that network/summation.ts
 * prescribes. A change in one block of inputs renews that block's sum and the few above it, and the root is again the
 * very float32 that summing everything anew would give: nothing drifts.
 */
import { blockCount } from '../../../network/summation.js';
import type { Kernels, Rows } from '../kernels.js';

export class BlockSums {
  readonly blocks: number;
  /** Rows of all levels, [steps, rows of a tree, stride]; level 0 are the blocks, the last row is the root. */
  readonly sums: Float32Array;
  /** First row of each level, and how many there are. */
  readonly levels: readonly { readonly start: number; readonly count: number }[];
  /** Floats of a step's tree. */
  readonly treeFloats: number;

  constructor(
    private readonly kernels: Kernels,
    private readonly rows: Rows,
    inputs: number,
    steps: number,
  ) {
    this.blocks = blockCount(inputs);
    const levels = [{ start: 0, count: this.blocks }];
    for (let top = levels[0]!; top.count > 1; levels.push(top))
      top = { start: top.start + top.count, count: Math.ceil(top.count / 2) };
    this.levels = levels;
    this.treeFloats = (levels.at(-1)!.start + 1) * rows.stride;
    this.sums = kernels.floats(steps * this.treeFloats);
  }

  copy(other: BlockSums): void {
    this.sums.set(other.sums);
  }

  /** Place in `sums` of the currents of a step. */
  root(step: number): number {
    return (step + 1) * this.treeFloats - this.rows.stride;
  }

  /** Renews the sum of one block of a step: entries `from` to `to` of `index` are its active inputs. */
  setBlock(step: number, block: number, index: Uint32Array, from: number, to: number): void {
    this.kernels.sumBlock(this.rows, block === 0, index, from, to, this.sums, this.#place(step, block));
  }

  /** Renews the sums above the blocks `first` to `last`. */
  renew(step: number, first: number, last: number): void {
    for (let level = 1; level < this.levels.length; level++) {
      const below = this.levels[level - 1]!;
      const { start } = this.levels[level]!;
      first >>= 1;
      last >>= 1;
      for (let i = first; i <= last; i++)
        this.#renewRow(step, start + i, below.start + 2 * i, 2 * i + 1 < below.count);
    }
  }

  #renewRow(step: number, row: number, left: number, hasRight: boolean): void {
    const { stride } = this.rows;
    const to = this.#place(step, row);
    const a = this.#place(step, left);
    if (hasRight) this.kernels.addPair(stride, this.sums, to, a, a + stride);
    else this.sums.copyWithin(to, a, a + stride);
  }

  #place(step: number, row: number): number {
    return step * this.treeFloats + row * this.rows.stride;
  }
}
