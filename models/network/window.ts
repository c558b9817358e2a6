import type { InputSpec } from './spec.js';

/**
 * A binary window of touch: the cells that had at least one event, as ascending unique indices
 * `(bin * taxels + taxel) * channels + channel`. About one cell in ten is set in real touch, so a list beats a tensor.
 */
export interface TaxelWindow {
  readonly cells: Uint32Array;
}

/** Number of cells of a window of this shape. */
export function cellCount(input: InputSpec): number {
  return input.bins * input.taxels * input.channels;
}

/** Index of a cell in a window of this shape. */
export function cellIndex(input: InputSpec, bin: number, taxel: number, channel: number): number {
  return (bin * input.taxels + taxel) * input.channels + channel;
}

/** Cells of each bin of a window, taxel * channels + channel, ascending: as a stream takes them. */
export function cellsByBin({ bins, taxels, channels }: InputSpec, { cells }: TaxelWindow): Uint32Array[] {
  const width = taxels * channels;
  let at = 0;
  return Array.from({ length: bins }, (_, bin) => {
    const from = at;
    while (at < cells.length && cells[at]! < (bin + 1) * width) at++;
    return cells.subarray(from, at).map((cell) => cell - bin * width);
  });
}

/**
 * A window from any list of cell indices, in any order and with repetitions (several events in one cell count once).
 * Throws RangeError for an index outside the window.
 */
export function windowFromCells(input: InputSpec, cells: Iterable<number>): TaxelWindow {
  const size = cellCount(input);
  const sorted = Uint32Array.from(cells, (cell) => {
    if (!(Number.isInteger(cell) && cell >= 0 && cell < size)) {
      throw new RangeError(`cell ${cell} lies outside a window of ${size} cells`);
    }
    return cell;
  }).sort();
  let kept = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[kept++] = sorted[i]!;
  }
  return { cells: sorted.slice(0, kept) };
}
