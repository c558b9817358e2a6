import { type Clock as SensorClock, systemClock } from '../devices/index.js';
import type { Clock, Timer } from './clock.js';

/**
 * The clock that sensors run on and that their times are mapped to: the host's own, or what is made of `clock`. It starts
 * with the wall clock and goes on with the monotonic one, so it never steps.
 */
export function sensorClock(clock?: Clock): SensorClock {
  if (clock === undefined) return systemClock;
  const offsetUs = clock.nowUs() - clock.monoUs();
  return {
    nowUs: () => clock.monoUs() + offsetUs,
    setTimer: (callback, afterMs) => clock.setTimer(callback, afterMs),
    clearTimer: (timer) => clock.clearTimer(timer as Timer),
  };
}
