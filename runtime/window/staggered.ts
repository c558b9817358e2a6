import { appendCells } from './rows.js';
import { floorDivide, type SliceRing } from './slices.js';
import type { BinListener } from './window.js';

/** Windows that may be open at once while their bins are told: each is a stream at a worker, with memory and work of its own. */
export const MOST_OPEN = 16;

/**
 * Why overlapping windows cannot be told of bin by bin; undefined when they can. Bins of all windows must be the same
 * stretches of time, so that what one bin holds is found once and serves them all.
 */
export function whyNotStaggered(binUs: number, lengthUs: number, hopUs: number): string | undefined {
  if (hopUs % binUs !== 0)
    return `a hop of ${hopUs} us is no multiple of the bin of ${binUs} us, so the bins of overlapping windows differ`;
  const open = Math.ceil(lengthUs / hopUs);
  if (open > MOST_OPEN)
    return (
      `a hop of ${hopUs} us keeps ${open} windows open at once, of which at most ${MOST_OPEN} can be answered bin by bin: ` +
      `make the hop at least ${Math.ceil(lengthUs / MOST_OPEN / binUs) * binUs} us`
    );
  return undefined;
}

const nothing = new Uint32Array(0);

/**
 * Tells of the bins of overlapping windows, where a slice is a bin. A window that nothing has touched yet is not told
 * of, since it may never be emitted; with its first event it is told from its first bin on. The windows that have been
 * touched are the first of the open ones, because an event stands in all open windows that begin before it.
 */
export class StaggeredBins {
  /** Slices before this one have been told. */
  private next = Number.NEGATIVE_INFINITY;
  /** Last window that was told of. */
  private newest = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly ring: SliceRing,
    private readonly slicesPerHop: number,
    private readonly listener: BinListener,
  ) {}

  /** Pipeline time is `tUs`; window `first` is the first open one. */
  tell(tUs: number, first: number): void {
    const { ring, slicesPerHop } = this;
    const end = floorDivide(tUs, ring.sliceUs);
    if (!(end > this.next)) return;
    const last = floorDivide(Math.min(ring.newest, end - 1), slicesPerHop);
    // A window that is told of for the first time needs its slices before, which a late event may have touched.
    const wanted = last > this.newest ? Math.min(this.next, (this.newest + 1) * slicesPerHop) : this.next;
    const from = Math.max(wanted, first * slicesPerHop);
    const cells: Uint32Array[] = [];
    if (last >= first) for (let slice = from; slice < end; slice++) cells.push(this.cellsOf(slice));
    for (let k = first; k <= last; k++) this.tellWindow(k, k - first, from, cells);
    this.next = end;
    this.newest = Math.max(this.newest, last);
  }

  /** An event has been placed in a slice that time has passed. */
  late(slice: number, bit: number, first: number): void {
    if (slice >= this.next) return;
    const last = Math.min(this.newest, floorDivide(slice, this.slicesPerHop));
    for (let k = first; k <= last; k++) this.listener.late(k - first, slice - k * this.slicesPerHop, bit);
  }

  forget(): void {
    this.next = Number.NEGATIVE_INFINITY;
    this.newest = Number.NEGATIVE_INFINITY;
  }

  /** Tells window k what it has not been told of `cells`, which begin with the slice `first`. */
  private tellWindow(k: number, ahead: number, first: number, cells: readonly Uint32Array[]): void {
    const { ring } = this;
    const start = k * this.slicesPerHop;
    const until = Math.min(first + cells.length, start + ring.length) - start;
    const from = k > this.newest ? 0 : Math.max(0, this.next - start);
    if (until <= from) return;
    const bins = cells.slice(start + from - first, start + until - first);
    const { events, firstUs, lastUs } = ring.facts(start, Math.min(start + until - 1, ring.newest));
    this.listener.completed(ahead, {
      startUs: start * ring.sliceUs,
      endUs: (start + ring.length) * ring.sliceUs,
      events,
      firstEventUs: firstUs,
      lastEventUs: lastUs,
      from,
      bins,
    });
  }

  private cellsOf(slice: number): Uint32Array {
    const { ring } = this;
    const { words, stride, width } = ring.rows;
    const row = ring.row(slice);
    if (slice > ring.newest || ring.events[row] === 0) return nothing;
    const cells = new Uint32Array(width);
    return cells.slice(0, appendCells(words, row * stride, stride, 0, cells, 0));
  }
}
