import type { EventBatch } from '../event.js';

/**
 * A grid of `rows` x `columns` cells over a square of pixels: the events of all pixels of a cell are those of one taxel,
 * row by row from pixel (0, 0).
 */
export class PixelPool {
  readonly taxels: number;
  private readonly taxelOf: Uint16Array;

  /** @param side pixels along either side. Throws RangeError for a grid finer than the pixels. */
  constructor(side: number, rows: number, columns: number) {
    for (const [name, count] of [
      ['rows', rows],
      ['columns', columns],
    ] as const)
      if (!(Number.isInteger(count) && count >= 1 && count <= side))
        throw new RangeError(`${name} is ${count}; it must be a whole number in 1 .. ${side}`);
    this.taxels = rows * columns;
    this.taxelOf = Uint16Array.from({ length: side * side }, (_, pixel) => {
      const [y, x] = [Math.floor(pixel / side), pixel % side];
      return Math.floor((y * rows) / side) * columns + Math.floor((x * columns) / side);
    });
  }

  /** Replaces pixels (y * side + x) by taxels, in place. */
  apply({ length, taxel }: EventBatch): void {
    for (let i = 0; i < length; i++) taxel[i] = this.taxelOf[taxel[i]!]!;
  }
}
