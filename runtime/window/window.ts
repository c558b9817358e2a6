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

/** Bins of an open window that time has passed; no event in order can come into them any more. */
export interface CompletedBins {
  readonly startUs: number;
  readonly endUs: number;
  /** Raw events of the window so far; in a window that is alone, those of the bin under way as well. */
  readonly events: number;
  /** Pipeline time of the first and last of these events, at most the end of the last completed bin; NaN without events. */
  readonly firstEventUs: number;
  readonly lastEventUs: number;
  /** First of the bins told now: as many as were told of this window before. */
  readonly from: number;
  /** Active cells of each bin, ascending, taxel * channels + channel. May be kept, must not be changed: others share them. */
  readonly bins: readonly Uint32Array[];
}

/** Completed bins with the number that their window will have when it closes. */
export interface OpenWindow extends CompletedBins {
  readonly index: number;
  /** False when events may be missing so far. */
  readonly complete: boolean;
}

/**
 * Who wants to know of windows while they are open. `ahead` counts the windows that will close before this one, so that
 * its number is known already: windows close in the order in which they open, and each that is told of does close.
 */
export interface BinListener {
  completed(ahead: number, told: CompletedBins): void;
  /** A late event has been placed in a bin that was told already. */
  late(ahead: number, bin: number, cell: number): void;
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
  /** Windows that have begun and will close: those still to come have higher numbers. */
  readonly open: number;
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
