/**
 * Where the runtime gets its time from. Everything that waits or stamps takes a `Clock`, so that tests drive time by
 * hand; only `systemClock` knows the real one.
 */
export interface Clock {
  /** Wall clock: microseconds since the Unix epoch (a safe integer). May step when the host's clock is set. */
  nowUs(): number;
  /** Monotonic clock: microseconds since an arbitrary start, the same in every thread of the host. Never steps. */
  monoUs(): number;
  /** Calls `callback` once after `ms` milliseconds. */
  setTimer(callback: () => void, ms: number): Timer;
  /** Cancels a timer; a fired, cancelled or absent one is ignored. */
  clearTimer(timer: Timer | undefined): void;
}

export type Timer = NodeJS.Timeout | number;

/**
 * The host's clocks. `Date.now()` has whole milliseconds only, so the microseconds below are taken from the monotonic
 * clock and kept inside the millisecond that `Date.now()` names: finer than it, and never more than 1 ms off.
 */
function createSystemClock(): Clock {
  const monoUs = (): number => {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1e6 + Math.floor(nanoseconds / 1000);
  };
  let offsetUs = Date.now() * 1000 - monoUs();
  return {
    nowUs() {
      const mono = monoUs();
      const earliest = Date.now() * 1000;
      const us = Math.min(Math.max(mono + offsetUs, earliest), earliest + 999);
      offsetUs = us - mono;
      return us;
    },
    monoUs,
    setTimer: (callback, ms) => setTimeout(callback, ms),
    clearTimer: (timer) => clearTimeout(timer),
  };
}

export const systemClock: Clock = createSystemClock();
