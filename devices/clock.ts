import { performance } from 'node:perf_hooks';

/** Time and timers, handed in so that tests and replays can have their own. */
export interface Clock {
  /** Host time in microseconds; never goes back. */
  nowUs(): number;
  /** Calls `callback` once, `afterMs` milliseconds from now. */
  setTimer(callback: () => void, afterMs: number): Timer;
  clearTimer(timer: Timer): void;
}

/** What `setTimer` returned; of use to `clearTimer` alone. */
export type Timer = unknown;

/** Microseconds since 1970, by the monotonic clock since the start of the process (later clock changes do not show). */
export const systemClock: Clock = {
  nowUs: () => (performance.timeOrigin + performance.now()) * 1000,
  setTimer: (callback, afterMs) => setTimeout(callback, afterMs),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
};
