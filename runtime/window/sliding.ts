import type { PolicyContext, SlidingSpec } from './policies.js';
import { floorDivide, SliceRing } from './slices.js';
import { StaggeredBins, whyNotStaggered } from './staggered.js';
import type { CloseReason, Policy } from './window.js';

/**
 * Windows every `hopUs`: window k covers [k * hop, k * hop + length). Several are open at once when they overlap; all
 * share the slices of `SliceRing`, so an event costs the same however many windows it stands in.
 */
export class SlidingPolicy implements Policy {
  readonly pending = 0;
  private readonly ring: SliceRing;
  private readonly lengthUs: number;
  private readonly told: StaggeredBins | undefined;
  /** The next window to close; NaN while no time is known. */
  private next = Number.NaN;
  private nextStartUs = Number.NaN;
  /** Its end; -Infinity while no time is known, so that the first time of all is noticed. */
  private nextEndUs = Number.NEGATIVE_INFINITY;
  private nowUs = Number.NEGATIVE_INFINITY;
  /** The first window that was open when the stream began. */
  private begun = Number.NaN;

  constructor(
    private readonly spec: SlidingSpec,
    private readonly context: PolicyContext,
  ) {
    this.ring = new SliceRing(context.input, spec.hopUs);
    this.lengthUs = context.input.bins * context.input.binUs;
    if (context.bins === undefined) return;
    const reason = whyNotStaggered(context.input.binUs, this.lengthUs, spec.hopUs);
    if (reason !== undefined) throw new RangeError(reason);
    this.told = new StaggeredBins(this.ring, spec.hopUs / this.ring.sliceUs, context.bins);
  }

  /** A window without any touch may never be emitted; those that have been touched are the first of the open ones. */
  get open(): number {
    const { hopUs, emitEmpty } = this.spec;
    const lastUs = emitEmpty ? this.nowUs : Math.min(this.nowUs, this.ring.newest * this.ring.sliceUs);
    const open = Math.floor(lastUs / hopUs) - this.next + 1;
    return open > 0 ? open : 0;
  }

  begin(firstUs: number): void {
    this.begun = this.firstOpenAt(firstUs);
    this.nowUs = firstUs;
  }

  take(tUs: Float64Array, bit: Uint32Array, from: number, to: number): void {
    let placed = 0;
    for (let i = from; i < to; ) {
      const first = tUs[i]!;
      if (first >= this.nextEndUs) {
        if (i > from) this.nowUs = tUs[i - 1]!;
        this.advance(first);
      }
      if (first < this.nextStartUs) {
        i++; // in the gap between two windows
        continue;
      }
      const end = this.fillSlice(tUs, bit, i, to);
      placed += end - i;
      i = end;
    }
    this.nowUs = tUs[to - 1]!;
    this.context.counters.placed += placed;
    this.context.counters.outside += to - from - placed;
  }

  late(tUs: number, bit: number): boolean {
    const newestWindow = floorDivide(tUs, this.spec.hopUs);
    const inGap = tUs >= newestWindow * this.spec.hopUs + this.lengthUs;
    if (!(newestWindow >= this.next) || inGap) return false;
    const slice = floorDivide(tUs, this.ring.sliceUs);
    if (slice > this.ring.newest) this.ring.reach(slice);
    this.ring.place(slice, tUs, bit);
    this.told?.late(slice, bit, this.next);
    return true;
  }

  advance(tUs: number): void {
    const { hopUs, emitEmpty } = this.spec;
    const open = this.firstOpenAt(tUs);
    if (Number.isNaN(this.next)) this.next = Math.min(open, this.begun);
    const leapt = tUs - this.nowUs > this.context.maxJumpUs;
    while (this.next < open) {
      const silent = this.next * (hopUs / this.ring.sliceUs) > this.ring.newest;
      if (silent && (leapt || !emitEmpty)) {
        if (emitEmpty) this.context.counters.skippedEmpty += open - this.next;
        this.next = open;
      } else {
        this.close('end');
        this.next++;
      }
    }
    this.nextStartUs = this.next * hopUs;
    this.nextEndUs = this.nextStartUs + this.lengthUs;
    this.nowUs = tUs;
    this.told?.tell(tUs, this.next);
  }

  finish(reason: 'flush' | 'epoch'): void {
    // What is open and has been touched: windows that start at the newest slice at the latest.
    const slicesPerHop = this.spec.hopUs / this.ring.sliceUs;
    for (; this.next * slicesPerHop <= this.ring.newest; this.next++) this.close(reason);
    this.ring.forget();
    this.told?.forget();
    this.next = Number.NaN;
    this.begun = Number.NaN;
    this.nextStartUs = Number.NaN;
    this.nextEndUs = Number.NEGATIVE_INFINITY;
    this.nowUs = Number.NEGATIVE_INFINITY;
  }

  /** The first window whose end still lies ahead. */
  private firstOpenAt(tUs: number): number {
    const { hopUs } = this.spec;
    let k = Math.floor((tUs - this.lengthUs) / hopUs) + 1;
    // The subtraction above may have rounded; these comparisons are exact.
    while (k * hopUs + this.lengthUs <= tUs) k++;
    while ((k - 1) * hopUs + this.lengthUs > tUs) k--;
    return k;
  }

  /** Places the events from `from` on that lie in one slice with it, before the window's end. Returns the next index. */
  private fillSlice(tUs: Float64Array, bit: Uint32Array, from: number, to: number): number {
    const { ring } = this;
    if (tUs[from]! >= ring.newestEndUs) ring.reach(floorDivide(tUs[from]!, ring.sliceUs));
    const row = ring.newestRow;
    const endUs = ring.newestEndUs;
    const { words, stride } = ring.rows;
    const base = row * stride;
    let i = from;
    do {
      const b = bit[i]!;
      const at = base + (b >>> 5);
      words[at] = words[at]! | (1 << (b & 31));
      i++;
    } while (i < to && tUs[i]! < endUs);
    if (ring.events[row] === 0) ring.firstUs[row] = tUs[from]!;
    ring.events[row]! += i - from;
    ring.lastUs[row] = tUs[i - 1]!;
    return i;
  }

  private close(reason: CloseReason): void {
    const startUs = this.next * this.spec.hopUs;
    const content = this.ring.read(this.next * (this.spec.hopUs / this.ring.sliceUs));
    if (content.events === 0 && !this.spec.emitEmpty) return;
    this.context.close({
      startUs,
      endUs: startUs + this.lengthUs,
      cells: content.cells,
      events: content.events,
      firstEventUs: content.firstUs,
      lastEventUs: content.lastUs,
      reason,
    });
  }
}
