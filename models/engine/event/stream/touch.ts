import type { InputSpec } from '../../../network/spec.js';

/** The touch of a window so far. */
export class Touch {
  /** Bins taken. */
  bins = 0;
  /** [bins, taxels * channels], 0 or 1 */
  readonly #cells: Uint8Array;
  readonly #cellsPerBin: number;

  constructor({ bins, taxels, channels }: InputSpec) {
    this.#cellsPerBin = taxels * channels;
    this.#cells = new Uint8Array(bins * this.#cellsPerBin);
  }

  reset(): void {
    this.bins = 0;
    this.#cells.fill(0);
  }

  /** Adds cells to a bin and returns those that it did not have. Throws RangeError for one outside a bin, adding none. */
  add(bin: number, cells: ArrayLike<number>): number[] {
    const base = bin * this.#cellsPerBin;
    const fresh: number[] = [];
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i]!;
      if (!(Number.isInteger(cell) && cell >= 0 && cell < this.#cellsPerBin))
        throw new RangeError(`cell ${cell} is not within a bin of ${this.#cellsPerBin}`);
      if (this.#cells[base + cell] === 0) fresh.push(cell);
    }
    for (const cell of fresh) this.#cells[base + cell] = 1;
    if (bin === this.bins) this.bins++;
    return fresh;
  }

  /** Writes the cells of a bin into `out`, ascending; returns how many. */
  load(bin: number, out: Uint32Array): number {
    const base = bin * this.#cellsPerBin;
    let count = 0;
    for (let cell = 0; cell < this.#cellsPerBin; cell++)
      if (this.#cells[base + cell] !== 0) out[count++] = cell;
    return count;
  }

  /** All cells so far, as window cells. */
  *cells(): Generator<number> {
    for (let cell = 0; cell < this.bins * this.#cellsPerBin; cell++) if (this.#cells[cell] !== 0) yield cell;
  }
}
