import type { Clock, Timer } from '../../runtime/clock.js';

/** A clock that moves only when told to; timers run in the order they are due. */
export class FakeClock implements Clock {
  private readonly timers = new Map<number, { readonly dueUs: number; readonly callback: () => void }>();
  private nextTimer = 1;
  private mono = 0;

  /** @param wallOffsetUs wall clock minus monotonic clock; change it to step the wall clock */
  constructor(public wallOffsetUs = 1_784_177_470_000_000) {}

  nowUs(): number {
    return this.mono + this.wallOffsetUs;
  }

  monoUs(): number {
    return this.mono;
  }

  setTimer(callback: () => void, ms: number): Timer {
    const timer = this.nextTimer++;
    this.timers.set(timer, { dueUs: this.mono + ms * 1000, callback });
    return timer;
  }

  clearTimer(timer: Timer | undefined): void {
    this.timers.delete(timer as number);
  }

  /** Number of timers that wait. */
  get waiting(): number {
    return this.timers.size;
  }

  /** Milliseconds until the next timer is due, or undefined. */
  get nextDueMs(): number | undefined {
    const due = [...this.timers.values()].map((timer) => timer.dueUs);
    return due.length === 0 ? undefined : (Math.min(...due) - this.mono) / 1000;
  }

  /** Moves time on and runs what falls due on the way, including timers set meanwhile. */
  advance(ms: number): void {
    const endUs = this.mono + ms * 1000;
    for (;;) {
      const next = [...this.timers].sort(([, a], [, b]) => a.dueUs - b.dueUs)[0];
      if (next === undefined || next[1].dueUs > endUs) break;
      this.timers.delete(next[0]);
      this.mono = Math.max(this.mono, next[1].dueUs);
      next[1].callback();
    }
    this.mono = endUs;
  }
}

/** A clock whose timers can fire late: so much, in microseconds, is added to its time. */
export class LateClock extends FakeClock {
  lateUs = 0;
  override monoUs(): number {
    return super.monoUs() + this.lateUs;
  }
}
