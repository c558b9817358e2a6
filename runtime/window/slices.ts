import type { InputSpec } from '../../models/index.js';
import { appendCells, TouchRows } from './rows.js';

/** Slices a window may have at most: bounds memory for a hop that divides the bin badly. */
const MOST_SLICES = 65536;

/** What a range of slices holds. */
export interface SliceContent {
  readonly cells: Uint32Array<ArrayBuffer>;
  readonly events: number;
  readonly firstUs: number;
  readonly lastUs: number;
}

/**
 * The last window length of touch in slices of equal length, in a ring. A slice is the longest time that divides bin
 * and hop, so that every window is a run of whole slices and every bin of a window the union of some of them: an
 * event is stored once, however many windows it stands in.
 */
export class SliceRing {
  readonly sliceUs: number;
  /** Slices a window. */
  readonly length: number;
  /** The newest slice; slices are numbered by floor(time / sliceUs). */
  newest = Number.NEGATIVE_INFINITY;
  /** Its row, and the time at which it ends; no event in time order lies in an older slice. */
  newestRow = 0;
  newestEndUs = Number.NEGATIVE_INFINITY;
  readonly rows: TouchRows;
  readonly events: Uint32Array;
  readonly firstUs: Float64Array;
  readonly lastUs: Float64Array;
  private readonly slicesPerBin: number;
  private readonly union: Int32Array;
  private readonly scratch: Uint32Array;

  /** Throws RangeError when binUs or hopUs is not a whole number, or their common slice is too short. */
  constructor(
    private readonly input: InputSpec,
    hopUs: number,
  ) {
    for (const [name, value] of [['binUs', input.binUs] as const, ['hopUs', hopUs] as const]) {
      if (!(Number.isSafeInteger(value) && value > 0)) {
        throw new RangeError(`${name} is ${value}: give whole microseconds above 0`);
      }
    }
    this.sliceUs = greatestCommonDivisor(input.binUs, hopUs);
    this.slicesPerBin = input.binUs / this.sliceUs;
    this.length = input.bins * this.slicesPerBin;
    if (this.length > MOST_SLICES) {
      throw new RangeError(
        `hopUs ${hopUs} and binUs ${input.binUs} have no common divisor above ${this.sliceUs} us: ` +
          'make the hop a multiple or a simple fraction of the bin',
      );
    }
    const width = input.taxels * input.channels;
    this.rows = new TouchRows(this.length, width);
    this.events = new Uint32Array(this.length);
    this.firstUs = new Float64Array(this.length);
    this.lastUs = new Float64Array(this.length);
    this.union = new Int32Array(this.rows.stride);
    this.scratch = new Uint32Array(input.bins * width);
  }

  /** Ring row of a slice. */
  row(slice: number): number {
    const row = slice % this.length;
    return row < 0 ? row + this.length : row;
  }

  /** Makes `slice` the newest: the slices on the way are empty, the ones a window length before are forgotten. */
  reach(slice: number): void {
    const from = Math.max(this.newest + 1, slice - this.length + 1);
    for (let s = from; s <= slice; s++) {
      const row = this.row(s);
      if (this.events[row] === 0) continue;
      this.rows.clear(row);
      this.events[row] = 0;
    }
    this.newest = slice;
    this.newestRow = this.row(slice);
    this.newestEndUs = (slice + 1) * this.sliceUs;
  }

  /** Notes one more event in a slice, which must be in the ring. */
  place(slice: number, tUs: number, bit: number): void {
    const row = this.row(slice);
    this.rows.set(row, bit);
    if (this.events[row]! === 0 || tUs < this.firstUs[row]!) this.firstUs[row] = tUs;
    if (this.events[row]! === 0 || tUs > this.lastUs[row]!) this.lastUs[row] = tUs;
    this.events[row]!++;
  }

  forget(): void {
    this.rows.clearAll();
    this.events.fill(0);
    this.newest = Number.NEGATIVE_INFINITY;
    this.newestEndUs = Number.NEGATIVE_INFINITY;
  }

  /** Content of the window that starts at slice `start`; slices newer than the newest count as empty. */
  read(start: number): SliceContent {
    const end = Math.min(start + this.length - 1, this.newest);
    const facts = this.facts(start, end);
    return { cells: this.cells(start, end, facts.events), ...facts };
  }

  /** Events of the slices `start` to `end` (inclusive, not beyond the newest), and the first and last of their times. */
  facts(start: number, end: number): Omit<SliceContent, 'cells'> {
    let events = 0;
    let firstUs = Number.NaN;
    let lastUs = Number.NaN;
    for (let s = start; s <= end; s++) {
      const row = this.row(s);
      if (this.events[row] === 0) continue;
      if (events === 0) firstUs = this.firstUs[row]!;
      lastUs = this.lastUs[row]!;
      events += this.events[row]!;
    }
    return { events, firstUs, lastUs };
  }

  private cells(start: number, end: number, events: number): Uint32Array<ArrayBuffer> {
    if (events === 0) return new Uint32Array(0);
    const { union, slicesPerBin, rows, scratch } = this;
    let length = 0;
    for (let bin = 0; bin < this.input.bins; bin++) {
      const first = start + bin * slicesPerBin;
      if (first > end) break;
      union.fill(0);
      for (let s = first; s < first + slicesPerBin && s <= end; s++) {
        const row = this.row(s);
        if (this.events[row] === 0) continue;
        for (let w = 0; w < union.length; w++) union[w] = union[w]! | rows.words[row * rows.stride + w]!;
      }
      length = appendCells(union, 0, union.length, bin * rows.width, scratch, length);
    }
    return scratch.slice(0, length);
  }
}

/** floor(a / b) for a whole b, also where the quotient rounds up to the next whole number. */
export function floorDivide(a: number, b: number): number {
  const quotient = Math.floor(a / b);
  return quotient * b > a ? quotient - 1 : quotient;
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
