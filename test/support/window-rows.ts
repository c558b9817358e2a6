import { type EventBatch, eventsFrom } from '../../devices/index.js';
import type { InputSpec } from '../../models/index.js';
import {
  type ClosedWindow,
  type PolicySpec,
  settledEvents,
  Windower,
  type WindowerOptions,
} from '../../runtime/window/index.js';

/** A window small enough to write its cells down: 4 bins of 10 us, 3 taxels. */
export function smallInput(sensors = 1): InputSpec {
  return { taxels: 3, channels: 2 * sensors, bins: 4, binUs: 10 };
}

export interface Recorder {
  readonly windower: Windower;
  readonly windows: ClosedWindow[];
}

/** A windower over `smallInput` that keeps its windows. */
export function recorder(
  policy: PolicySpec,
  options: Partial<Omit<WindowerOptions, 'policy' | 'onWindow'>> = {},
): Recorder {
  const windows: ClosedWindow[] = [];
  const sensors = options.sensors ?? 1;
  const windower = new Windower({
    input: smallInput(sensors),
    sensors,
    ...options,
    policy,
    onWindow: (window) => windows.push(window),
  });
  return { windower, windows };
}

/** Events of one taxel at these times, all ON. */
export function at(...times: number[]): EventBatch {
  return eventsFrom(times.map((t) => [t, 0, 1] as const));
}

/** Windows as `[start, end, events, reason]`: what most tests are about. */
export function spans(windows: readonly ClosedWindow[]): [number, number, number, string][] {
  return windows.map((w) => [w.startUs, w.endUs, w.events, w.reason]);
}

/** Events that are neither in a counter nor waiting: must be 0 at any time. */
export function lost({ windower }: Recorder): number {
  return windower.counters.events - settledEvents(windower.counters) - windower.pending;
}
