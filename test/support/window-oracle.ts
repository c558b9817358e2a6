import type { InputSpec } from '../../models/index.js';
import type { OnsetSpec, SlidingSpec } from '../../runtime/window/index.js';

/** One good event in pipeline time; bit = taxel * channels + channel. */
export interface OracleEvent {
  readonly tUs: number;
  readonly bit: number;
}

export interface OracleWindow {
  readonly startUs: number;
  readonly cells: readonly number[];
  readonly events: number;
  readonly reason: 'end' | 'flush';
}

/**
 * The windowing policies as one reads them, over a whole recording at once and without regard for time or memory: what
 * the streaming policies are checked against. Events stand in time order; the recording ends with a flush.
 */
export function slidingOracle(
  input: InputSpec,
  spec: SlidingSpec,
  events: readonly OracleEvent[],
): OracleWindow[] {
  if (events.length === 0) return [];
  const length = input.bins * input.binUs;
  const first = events[0]!.tUs;
  const last = events.at(-1)!.tUs;
  const windows: OracleWindow[] = [];
  const from = Math.floor((first - length) / spec.hopUs) - 1;
  for (let k = from; k * spec.hopUs <= last; k++) {
    const startUs = k * spec.hopUs;
    const window = cut(input, startUs, events, last);
    const begun = startUs + length > first;
    if (window.events > 0 || (spec.emitEmpty && begun && window.reason === 'end')) windows.push(window);
  }
  return windows;
}

/** See `slidingOracle`. */
export function onsetOracle(
  input: InputSpec,
  spec: OnsetSpec,
  events: readonly OracleEvent[],
): OracleWindow[] {
  const length = input.bins * input.binUs;
  const windows: OracleWindow[] = [];
  let lastEnd = Number.NEGATIVE_INFINITY;
  /** First event that belongs to no earlier window. */
  let next = 0;
  while (next < events.length) {
    const armed = firstIndex(events.length, next, (i) => isArmed(spec, events, i, lastEnd));
    const burst = firstIndex(events.length, armed, (i) => burstAt(spec, events, i, armed));
    if (burst === events.length) break;
    const begin = burst - spec.thresholdEvents + 1;
    const startUs = Math.max(events[begin]!.tUs - spec.preRollUs, lastEnd);
    // While resting, the history forgets everything up to an event at a high rate.
    let kept = next;
    for (let i = next; i < armed; i++) if (rateIsHigh(spec, events, i)) kept = i + 1;
    windows.push(cut(input, startUs, events.slice(kept), events.at(-1)!.tUs));
    lastEnd = startUs + length;
    next = firstIndex(events.length, burst, (i) => events[i]!.tUs >= lastEnd);
  }
  return windows;
}

function firstIndex(length: number, from: number, holds: (i: number) => boolean): number {
  let i = from;
  while (i < length && !holds(i)) i++;
  return i;
}

/** Whether, when event i comes, the rate has been low for long enough. */
function isArmed(spec: OnsetSpec, events: readonly OracleEvent[], i: number, lastEnd: number): boolean {
  const now = events[i]!.tUs;
  if (now < lastEnd) return false;
  if (spec.rearm === 'at-once' || lastEnd === Number.NEGATIVE_INFINITY) return true;
  for (let j = 0; j < i; j++) {
    if (!rateIsHigh(spec, events, j)) continue;
    const highUntil = events[j - spec.releaseEvents + 1]!.tUs + spec.intervalUs;
    if (now < highUntil + spec.rearmUs) return false;
  }
  return true;
}

/** Whether event i is one of at least `releaseEvents` within an interval that ends with it. */
function rateIsHigh(spec: OnsetSpec, events: readonly OracleEvent[], i: number): boolean {
  const since = events[i]!.tUs - spec.intervalUs;
  return events.slice(0, i + 1).filter(({ tUs }) => tUs >= since).length >= spec.releaseEvents;
}

function burstAt(spec: OnsetSpec, events: readonly OracleEvent[], i: number, armed: number): boolean {
  const since = events[i]!.tUs - spec.intervalUs;
  return events.slice(armed, i + 1).filter(({ tUs }) => tUs >= since).length >= spec.thresholdEvents;
}

/** The window that starts at `startUs`, of the events that lie in it. */
export function cut(
  input: InputSpec,
  startUs: number,
  events: readonly OracleEvent[],
  lastUs: number,
): OracleWindow {
  const endUs = startUs + input.bins * input.binUs;
  const inside = events.filter(({ tUs }) => tUs >= startUs && tUs < endUs);
  const cells = inside.map(
    ({ tUs, bit }) => Math.floor((tUs - startUs) / input.binUs) * input.taxels * input.channels + bit,
  );
  return {
    startUs,
    cells: [...new Set(cells)].sort((a, b) => a - b),
    events: inside.length,
    reason: endUs <= lastUs ? 'end' : 'flush',
  };
}
