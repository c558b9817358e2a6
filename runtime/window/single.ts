import type { InputSpec } from '../../models/index.js';
import type { History } from './history.js';
import { appendCells, TouchRows } from './rows.js';
import type { CloseReason, WindowBody } from './window.js';

/** One window being filled, used again for the next: for policies that have one window open at a time. */
export class SingleWindow {
  readonly lengthUs: number;
  startUs = Number.NaN;
  endUs = Number.NaN;
  isOpen = false;
  private events = 0;
  private firstUs = Number.NaN;
  private lastUs = Number.NaN;
  private readonly rows: TouchRows;
  private readonly scratch: Uint32Array;

  constructor(private readonly input: InputSpec) {
    this.lengthUs = input.bins * input.binUs;
    this.rows = new TouchRows(input.bins, input.taxels * input.channels);
    this.scratch = new Uint32Array(input.bins * input.taxels * input.channels);
  }

  open(startUs: number): void {
    this.startUs = startUs;
    this.endUs = startUs + this.lengthUs;
    this.isOpen = true;
    this.events = 0;
    this.firstUs = Number.NaN;
    this.lastUs = Number.NaN;
  }

  /** Whether the window is open and holds this time. */
  holds(tUs: number): boolean {
    return this.isOpen && tUs >= this.startUs && tUs < this.endUs;
  }

  /**
   * Places the events from `from` on that lie before the window's end; none may lie before its start. Returns the
   * index of the first event that is left.
   */
  fill(tUs: Float64Array, bit: Uint32Array, from: number, to: number): number {
    const { startUs, endUs, rows } = this;
    const { binUs } = this.input;
    const lastBin = this.input.bins - 1;
    const { words, stride } = rows;
    let i = from;
    for (; i < to; i++) {
      const t = tUs[i]!;
      if (t >= endUs) break;
      // The division may round up to `bins` for a time just before the end: that event belongs to the last bin.
      const bin = Math.min(((t - startUs) / binUs) | 0, lastBin);
      const b = bit[i]!;
      const at = bin * stride + (b >>> 5);
      words[at] = words[at]! | (1 << (b & 31));
    }
    if (i > from) this.note(tUs[from]!, tUs[i - 1]!, i - from);
    return i;
  }

  /** Places one event, wherever it lies in the window. */
  place(tUs: number, bit: number): void {
    this.rows.set(Math.min(((tUs - this.startUs) / this.input.binUs) | 0, this.input.bins - 1), bit);
    this.note(tUs, tUs, 1);
  }

  /** Moves the events of the history that lie in the window into it, and forgets the ones before. */
  replay(history: History): { placed: number; before: number } {
    const before = history.dropBefore(this.startUs);
    let placed = 0;
    for (; placed < history.size; placed++) {
      const slot = history.slot(placed);
      if (history.tUs[slot]! >= this.endUs) break;
      this.place(history.tUs[slot]!, history.bit[slot]!);
    }
    history.dropBefore(this.endUs);
    return { placed, before };
  }

  /** Closes the window and empties the buffer. */
  close(reason: CloseReason): WindowBody {
    const { words, stride } = this.rows;
    const width = this.rows.width;
    let length = 0;
    if (this.events > 0) {
      for (let bin = 0; bin < this.rows.rows; bin++) {
        length = appendCells(words, bin * stride, stride, bin * width, this.scratch, length);
      }
      this.rows.clearAll();
    }
    this.isOpen = false;
    return {
      startUs: this.startUs,
      endUs: this.endUs,
      cells: this.scratch.slice(0, length),
      events: this.events,
      firstEventUs: this.firstUs,
      lastEventUs: this.lastUs,
      reason,
    };
  }

  private note(firstUs: number, lastUs: number, events: number): void {
    // Written so that the NaN of a window without events gives way.
    if (!(this.firstUs <= firstUs)) this.firstUs = firstUs;
    if (!(this.lastUs >= lastUs)) this.lastUs = lastUs;
    this.events += events;
  }
}
