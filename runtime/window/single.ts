import type { InputSpec } from '../../models/index.js';
import type { History } from './history.js';
import { appendCells, TouchRows } from './rows.js';
import type { BinListener, CloseReason, WindowBody } from './window.js';

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
  /** Bins told to the listener. */
  private told = 0;

  constructor(
    private readonly input: InputSpec,
    private readonly listener?: BinListener,
  ) {
    this.lengthUs = input.bins * input.binUs;
    this.rows = new TouchRows(input.bins, input.taxels * input.channels);
    this.scratch = new Uint32Array(input.bins * input.taxels * input.channels);
  }

  open(startUs: number): void {
    this.startUs = startUs;
    this.endUs = startUs + this.lengthUs;
    this.isOpen = true;
    this.told = 0;
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
      // As in `binOf`, written out: it would cost a call for each event.
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
    this.rows.set(this.binOf(tUs), bit);
    this.note(tUs, tUs, 1);
  }

  /** Places an event that is earlier than the time reached. */
  placeLate(tUs: number, bit: number): void {
    this.place(tUs, bit);
    const bin = this.binOf(tUs);
    if (bin < this.told) this.listener?.late(0, bin, bit);
  }

  /** Tells the listener of the bins that lie before the time reached, which lies before the window's end. */
  tell(tUs: number): void {
    if (this.listener === undefined || !(tUs > this.startUs)) return;
    const from = this.told;
    this.told = this.binOf(tUs);
    if (this.told === from) return;
    const { startUs, endUs, events } = this;
    const toldUs = startUs + this.told * this.input.binUs;
    const bins = Array.from({ length: this.told - from }, (_, i) => this.cellsOf(from + i));
    this.listener.completed(0, {
      startUs,
      endUs,
      events,
      firstEventUs: Math.min(this.firstUs, toldUs),
      lastEventUs: Math.min(this.lastUs, toldUs),
      from,
      bins,
    });
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

  /** Bin of a time within the window; the division may round up to `bins` just before its end. */
  private binOf(tUs: number): number {
    return Math.min(((tUs - this.startUs) / this.input.binUs) | 0, this.input.bins - 1);
  }

  private cellsOf(bin: number): Uint32Array {
    const { words, stride } = this.rows;
    return this.scratch.slice(0, appendCells(words, bin * stride, stride, 0, this.scratch, 0));
  }

  private note(firstUs: number, lastUs: number, events: number): void {
    // Written so that the NaN of a window without events gives way.
    if (!(this.firstUs <= firstUs)) this.firstUs = firstUs;
    if (!(this.lastUs >= lastUs)) this.lastUs = lastUs;
    this.events += events;
  }
}
