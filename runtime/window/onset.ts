import { History } from './history.js';
import type { OnsetSpec, PolicyContext } from './policies.js';
import { EventRate } from './rate.js';
import { SingleWindow } from './single.js';
import type { Policy } from './window.js';

/** A pre-roll of more intervals than this may lose its oldest events (counted `outside`): memory stays bounded. */
const MOST_INTERVALS = 4096;

/**
 * Windows that begin with touch. Three states, told apart by `window.isOpen` and `armed`:
 *
 *   armed    watches the rate; a burst opens a window that starts `preRollUs` before the burst's first event
 *   open     fills the window until its end
 *   resting  (rearm: quiet) waits until the rate has been low for `rearmUs`
 *
 * Events that a later window may reach back for stay in the history: all while armed, those of a low rate while
 * resting. A window never reaches back into the one before.
 */
export class OnsetPolicy implements Policy {
  private readonly window: SingleWindow;
  private readonly rate: EventRate;
  private readonly history: History;
  /** How long an event can still matter: a burst's first event is at most an interval old, its pre-roll comes before. */
  private readonly reachUs: number;
  private armed = true;
  /** Events since armed; only these can make up a burst. */
  private sinceArmed = 0;
  /** End of the last window. */
  private lastEndUs = Number.NEGATIVE_INFINITY;
  /** Up to here at least `releaseEvents` events lay within an interval. */
  private highUntilUs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly spec: OnsetSpec,
    private readonly context: PolicyContext,
  ) {
    check(spec);
    this.window = new SingleWindow(context.input, context.bins);
    this.reachUs = spec.preRollUs + spec.intervalUs;
    if (!(this.reachUs < this.window.lengthUs)) {
      throw new RangeError(
        `preRollUs + intervalUs = ${this.reachUs} us must be shorter than the window of ${this.window.lengthUs} us, ` +
          'or the window would be over before the touch is found',
      );
    }
    this.rate = new EventRate(spec.intervalUs, spec.thresholdEvents);
    // While it is kept, any interval holds fewer than `thresholdEvents` events, or a window would have opened.
    const intervals = spec.intervalUs > 0 ? Math.ceil(this.reachUs / spec.intervalUs) + 2 : MOST_INTERVALS;
    this.history = new History(spec.thresholdEvents * Math.min(intervals, MOST_INTERVALS));
  }

  get pending(): number {
    return this.history.size;
  }

  get open(): number {
    return this.window.isOpen ? 1 : 0;
  }

  take(tUs: Float64Array, bit: Uint32Array, from: number, to: number): void {
    let i = from;
    while (i < to) i = this.window.isOpen ? this.fill(tUs, bit, i, to) : this.watch(tUs, bit, i, to);
  }

  late(tUs: number, bit: number): boolean {
    if (!this.window.holds(tUs)) return false;
    this.window.placeLate(tUs, bit);
    return true;
  }

  advance(tUs: number): void {
    if (!this.window.isOpen) return;
    if (tUs >= this.window.endUs) this.close();
    else this.window.tell(tUs);
  }

  finish(reason: 'flush' | 'epoch'): void {
    if (this.window.isOpen) this.context.close(this.window.close(reason));
    this.context.counters.outside += this.history.clear();
    this.rate.reset();
    this.armed = true;
    this.sinceArmed = 0;
    this.lastEndUs = Number.NEGATIVE_INFINITY;
    this.highUntilUs = Number.NEGATIVE_INFINITY;
  }

  private fill(tUs: Float64Array, bit: Uint32Array, from: number, to: number): number {
    const end = this.window.fill(tUs, bit, from, to);
    this.context.counters.placed += end - from;
    if (this.spec.rearm === 'quiet') for (let i = from; i < end; i++) this.measure(tUs[i]!);
    if (end < to) this.close();
    return end;
  }

  /** Returns the index after the event that opens a window, or `to`. */
  private watch(tUs: Float64Array, bit: Uint32Array, from: number, to: number): number {
    const { counters } = this.context;
    const { thresholdEvents } = this.spec;
    for (let i = from; i < to; i++) {
      const t = tUs[i]!;
      if (!this.armed && t >= this.armedFromUs()) this.armed = true;
      const high = this.measure(t);
      if (!this.armed && high) {
        counters.outside += this.history.clear() + 1;
        continue;
      }
      counters.outside += this.history.dropBefore(t - this.reachUs) + this.history.push(t, bit[i]!);
      if (this.armed && ++this.sinceArmed >= thresholdEvents && this.rate.reaches(thresholdEvents)) {
        this.openAt(this.rate.nthLast(thresholdEvents));
        return i + 1;
      }
    }
    return to;
  }

  /** Counts an event into the rate; true when the rate is not low. */
  private measure(tUs: number): boolean {
    this.rate.push(tUs);
    const high = this.rate.reaches(this.spec.releaseEvents);
    if (high) this.highUntilUs = this.rate.nthLast(this.spec.releaseEvents) + this.spec.intervalUs;
    return high;
  }

  private armedFromUs(): number {
    return Math.max(this.lastEndUs, this.highUntilUs + this.spec.rearmUs);
  }

  private openAt(burstUs: number): void {
    this.window.open(Math.max(burstUs - this.spec.preRollUs, this.lastEndUs));
    const { placed, before } = this.window.replay(this.history);
    this.context.counters.placed += placed;
    this.context.counters.outside += before;
  }

  private close(): void {
    this.lastEndUs = this.window.endUs;
    this.armed = this.spec.rearm === 'at-once';
    this.sinceArmed = 0;
    this.context.close(this.window.close('end'));
  }
}

function check(spec: OnsetSpec): void {
  const { thresholdEvents, releaseEvents, rearm } = spec;
  if (!(Number.isInteger(thresholdEvents) && thresholdEvents >= 1 && thresholdEvents <= 65536)) {
    throw new RangeError(`thresholdEvents is ${thresholdEvents}: give a whole number from 1 to 65536`);
  }
  for (const key of ['intervalUs', 'preRollUs', 'rearmUs'] as const) {
    if (!(spec[key] >= 0 && spec[key] < 2 ** 53)) {
      throw new RangeError(`${key} is ${spec[key]}: give microseconds, 0 or more`);
    }
  }
  if (
    rearm === 'quiet' &&
    !(Number.isInteger(releaseEvents) && releaseEvents >= 1 && releaseEvents <= thresholdEvents)
  ) {
    throw new RangeError(
      `releaseEvents is ${releaseEvents}: give a whole number from 1 to thresholdEvents (${thresholdEvents})`,
    );
  }
}
