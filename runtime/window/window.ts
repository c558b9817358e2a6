import type { TaxelWindow } from '../../models/index.js';

/**
 * Why a window closed.
 *   end    pipeline time passed its end: the window is whole
 *   flush  the recording ended; the rest of the window counts as silence
 *   epoch  the sensor's clock restarted in the middle of the window: what came after is not in it
 */
export type CloseReason = 'end' | 'flush' | 'epoch';

/** What a policy knows about a window that it closes. */
export interface WindowBody extends TaxelWindow {
  /** In a buffer of its own, which may be transferred to a worker. */
  readonly cells: Uint32Array<ArrayBuffer>;
  /** Pipeline time, in microseconds, at which the window begins (inclusive) and ends (exclusive). */
  readonly startUs: number;
  readonly endUs: number;
  /** Raw events in the window; several events in one cell count each. */
  readonly events: number;
  /** Pipeline time of the first and last of these events; NaN in a window without events. */
  readonly firstEventUs: number;
  readonly lastEventUs: number;
  readonly reason: CloseReason;
}

/** A closed window, ready for a network. */
export interface ClosedWindow extends WindowBody {
  /** Number of this window in its pipeline, 0, 1, 2 ... in the order of closing. */
  readonly index: number;
  /** False when events may be missing: a sensor was offline, too far behind, or lost some on the way. */
  readonly complete: boolean;
}

/**
 * A windowing policy: a machine over one stream of events in time order. It knows neither sensors nor clocks; its
 * time is the time of the events and of `advance`. An event is (pipeline time, bit), bit = taxel * channels + channel.
 */
export interface Policy {
  /** The first time of a stream, as a sensor named it; another sensor's events may be earlier. */
  begin?(firstUs: number): void;
  /** Events `from` (inclusive) to `to` (exclusive), in time order, none earlier than any time given before. */
  take(tUs: Float64Array, bit: Uint32Array, from: number, to: number): void;
  /** One event earlier than the time reached. False when no open window holds its time: the caller counts it. */
  late(tUs: number, bit: number): boolean;
  /** Pipeline time is now `tUs`; no earlier event will be taken. */
  advance(tUs: number): void;
  /** Closes what is open and returns to the initial state: what comes next is a new stream with a new time. */
  finish(reason: 'flush' | 'epoch'): void;
  /** Events kept for a window that may still open. */
  readonly pending: number;
  /** Asks for a window that starts at `atUs`; only the trigger policy obeys. */
  trigger?(atUs: number, nowUs: number): TriggerAnswer;
}

/**
 * Answer to a trigger.
 *   opened   the window is open, or will be when its time comes
 *   busy     a window is open already; one at a time
 *   past     `atUs` lies further back than the history reaches
 *   future   `atUs` lies further ahead than a plausible jump of time
 *   unknown  no time is known yet: no sensor has spoken
 *   ignored  the policy of this pipeline does not listen to triggers
 */
export type TriggerAnswer = 'opened' | 'busy' | 'past' | 'future' | 'unknown' | 'ignored';
