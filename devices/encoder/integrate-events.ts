import type { EventBatch } from '../event.js';

/**
 * The receiver's half of send-on-delta: adds to `levels` (pressure by taxel) what the events say, `rise` for an ON and
 * `-fall` for an OFF event. Start from a keyframe or from zero; without losses it rebuilds the sender's references
 * exactly. Events of taxels beyond the end of `levels` are left out. Returns `levels`.
 */
export function integrateEvents(
  levels: Float64Array,
  events: EventBatch,
  rise: number,
  fall: number,
): Float64Array {
  for (let i = 0; i < events.length; i++) {
    const taxel = events.taxel[i]!;
    if (taxel < levels.length) levels[taxel]! += events.polarity[i] === 1 ? rise : -fall;
  }
  return levels;
}
