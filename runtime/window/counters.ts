/**
 * What happened to the events and windows of one pipeline. Every event ends in exactly one of the counters from
 * `placed` to `jump`, or waits (`Windower.pending`):
 *
 *   events = placed + outside + late + badTaxel + badPolarity + badTime + jump + pending
 */
export interface WindowCounters {
  /** Events handed in. */
  events: number;
  /** Events that stand in at least one window. */
  placed: number;
  /** Good events for which the policy has no window: no contact, cool-down, gap between windows. */
  outside: number;
  /** Events whose windows had closed when they came. */
  late: number;
  /** Events of a taxel that the network does not have. */
  badTaxel: number;
  /** Events with a polarity other than 0 or 1. */
  badPolarity: number;
  /** Events whose time is not a number, or beyond 2^53 microseconds. */
  badTime: number;
  /** Events whose time leapt further than `maxJumpUs` and was not confirmed by what came next. */
  jump: number;
  /** Of `placed`: events that came out of order and still found their window open. */
  reordered: number;
  /** Times that a full lane of waiting events was released before all sensors had caught up. */
  forced: number;
  /** Restarts of a sensor's clock, announced (`epoch`) or seen (a confirmed leap back). */
  clockRestarts: number;
  /** Windows closed because their time was over, by a flush, or cut by a clock restart. */
  closed: number;
  flushed: number;
  cut: number;
  /** Empty windows of a long silence that were not emitted although empty windows are asked for. */
  skippedEmpty: number;
  /** Triggers that opened no window. */
  triggersRefused: number;
}

/** All counters at zero. */
export function windowCounters(): WindowCounters {
  return {
    events: 0,
    placed: 0,
    outside: 0,
    late: 0,
    badTaxel: 0,
    badPolarity: 0,
    badTime: 0,
    jump: 0,
    reordered: 0,
    forced: 0,
    clockRestarts: 0,
    closed: 0,
    flushed: 0,
    cut: 0,
    skippedEmpty: 0,
    triggersRefused: 0,
  };
}

/** Events that have met their end, good or bad: `events` less those still waiting. */
export function settledEvents(c: WindowCounters): number {
  return c.placed + c.outside + c.late + c.badTaxel + c.badPolarity + c.badTime + c.jump;
}
