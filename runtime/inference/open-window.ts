import type { InputSpec } from '../../models/index.js';
import type { OpenWindow } from '../window/index.js';
import type { Step } from './protocol.js';

/** Bins that go to a worker at once: more would keep the other pipelines waiting. */
const MOST_BINS = 32;

export type StepBody = Omit<Step, 'handle' | 'stream'> & { readonly cells: Uint32Array<ArrayBuffer> };

/**
 * A window under way, as a pipeline keeps it: its bins so far, and which of them a worker has. Bins pile up while the
 * worker is busy and go to it together; whatever happens to a worker, all bins are still here. Pure.
 */
export class WindowUnderWay {
  /** Its number, bounds, and events so far. */
  facts: OpenWindow;
  /** Bins told and bins sent; those of `holder`, which knows no other. */
  private readonly bins: Uint32Array[] = [];
  private sent = 0;
  private late: number[] = [];
  private holder: object | undefined;

  constructor(
    first: OpenWindow,
    private readonly input: InputSpec,
  ) {
    this.facts = first;
    this.take(first);
  }

  /** Bins that have been completed. */
  get completed(): number {
    return this.bins.length;
  }

  take(told: OpenWindow): void {
    this.facts = told;
    for (const cells of told.bins) this.bins.push(cells);
  }

  /** A late event has added a cell to a bin. */
  takeLate(bin: number, cell: number): void {
    const cells = this.bins[bin];
    if (cells === undefined || cells.includes(cell)) return;
    // A copy: other windows share the bin.
    const more = new Uint32Array(cells.length + 1);
    more.set(cells);
    more[cells.length] = cell;
    this.bins[bin] = more.sort();
    if (bin < this.sent) this.late.push(bin * this.width + cell);
  }

  /** Bins that a worker would have to be sent for the whole window. */
  missing(session: object | undefined): number {
    return this.input.bins - (this.holder === session ? this.sent : 0);
  }

  /**
   * The next bins for a worker, up to bin `upTo` at most. What it has been sent is taken as known to it until `forget`
   * says otherwise.
   */
  nextStep(session: object | undefined, upTo = this.bins.length): StepBody {
    this.turnTo(session);
    const from = this.sent;
    const to = Math.min(upTo, from + MOST_BINS);
    const chosen = this.bins.slice(from, to);
    const cells = new Uint32Array(chosen.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const [i, bin] of chosen.entries())
      for (const cell of bin) cells[at++] = (from + i) * this.width + cell;
    return { from, to, cells, late: this.sendTo(to) };
  }

  /** All that is left of the window, of which `cells` are all cells. */
  lastStep(session: object | undefined, cells: Uint32Array<ArrayBuffer>): StepBody {
    this.turnTo(session);
    const from = this.sent;
    const to = this.input.bins;
    const first = cells.findIndex((cell) => cell >= from * this.width);
    return { from, to, cells: first < 0 ? new Uint32Array(0) : cells.slice(first), late: this.sendTo(to) };
  }

  /** The worker does not have what it was sent. */
  forget(): void {
    this.holder = undefined;
    this.sent = 0;
    this.late = [];
  }

  private get width(): number {
    return this.input.taxels * this.input.channels;
  }

  private turnTo(session: object | undefined): void {
    if (this.holder === session) return;
    this.holder = session;
    this.sent = 0;
    this.late = [];
  }

  private sendTo(bin: number): Uint32Array {
    const late = Uint32Array.from(this.late);
    this.late = [];
    this.sent = bin;
    return late;
  }
}
