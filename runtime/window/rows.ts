/**
 * Binary touch by rows: one row a bin (or slice of a bin), one bit for each taxel and channel. A bitmap makes an
 * event one OR, and reading it in order gives cells that are ascending and unique without sorting.
 */
export class TouchRows {
  /** Row r takes the words r * stride .. (r + 1) * stride; bit b of it is bit b % 32 of word b / 32. */
  readonly words: Int32Array;
  readonly stride: number;

  /** Throws RangeError for more than 2^26 bits: no touch sensor is that large, a broken description may be. */
  constructor(
    readonly rows: number,
    readonly width: number,
  ) {
    if (rows * width > 2 ** 26) {
      throw new RangeError(
        `a window of ${rows} x ${width} cells is larger than 2^26: check bins, taxels and channels`,
      );
    }
    this.stride = Math.ceil(width / 32);
    this.words = new Int32Array(rows * this.stride);
  }

  set(row: number, bit: number): void {
    const at = row * this.stride + (bit >>> 5);
    this.words[at] = this.words[at]! | (1 << (bit & 31));
  }

  clear(row: number): void {
    this.words.fill(0, row * this.stride, (row + 1) * this.stride);
  }

  clearAll(): void {
    this.words.fill(0);
  }
}

/**
 * Appends the set bits of `words[from .. from + stride)` to `cells` as `base + bit`, ascending, from index `length`
 * on. Returns the new length. `cells` must have room.
 */
export function appendCells(
  words: Int32Array,
  from: number,
  stride: number,
  base: number,
  cells: Uint32Array,
  length: number,
): number {
  for (let w = 0; w < stride; w++) {
    let word = words[from + w]!;
    while (word !== 0) {
      const lowest = word & -word;
      cells[length++] = base + w * 32 + 31 - Math.clz32(lowest);
      word ^= lowest;
    }
  }
  return length;
}
