/** Waiting with an end: for a promise, but not longer than some time of a `Clock`. */
import type { Clock, Timer } from './clock.js';

/** A clock that wakes up. */
export type TimerClock = Pick<Clock, 'setTimer' | 'clearTimer'>;

/**
 * Waits for a promise, `ms` milliseconds at most. Resolves to whether it was fulfilled by then; rejects when it was
 * rejected by then. What becomes of it later is of no interest any more, a rejection neither. Leaves no timer.
 */
export async function atMost(clock: TimerClock, ms: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: Timer | undefined;
  const late = new Promise<false>((resolve) => {
    timer = clock.setTimer(() => resolve(false), ms);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clock.clearTimer(timer);
  }
}

/**
 * What a promise gives within `ms` milliseconds. Rejects as it does, or with `error()`, made at that moment, when it is
 * late.
 */
export async function inTime<T>(
  clock: TimerClock,
  ms: number,
  promise: Promise<T>,
  error: () => Error,
): Promise<T> {
  if (!(await atMost(clock, ms, promise))) throw error();
  return promise;
}
