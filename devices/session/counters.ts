import { type DiscardReason, discardReasons, type RejectReason, rejectReasons } from '../codec/decoder.js';

/** What a sensor has counted since it was opened; none is ever reset. */
export class SensorCounters {
  /** Bytes that arrived. */
  bytes = 0;
  /** Chunks that they arrived in. */
  chunks = 0;
  /** Events handed to the listener. */
  events = 0;
  /** Bytes of no use, by reason. */
  readonly discarded = zeros<DiscardReason>(discardReasons);
  /** Events of valid frames that were dropped, by reason. */
  readonly rejected = zeros<RejectReason>(rejectReasons);
  /** Frames missing by their numbers (at least). */
  framesLost = 0;
  /** Events that the device says it dropped (at least). */
  eventsLost = 0;
  /** Events whose time lay before what had been handed out already and was moved up to it. */
  backward = 0;
  /** Pings that were sent. */
  pings = 0;
  /** Pings that were answered: round trips that the clock mapping knows. */
  roundTrips = 0;
  /** Times the sensor was asked for its levels anew, because something was lost. */
  keyframes = 0;
  /** Restarts of the device clock, reconnections included. */
  epochs = 0;
  /** Attempts to open the transport. */
  attempts = 0;
  /** Attempts that succeeded. */
  opened = 0;
  /** Links that ended by an error, or by the other end. */
  broken = 0;
  /** Hang-ups that only a probe found. */
  probedDead = 0;
  /** Times the sensor fell silent while its link was open. */
  silences = 0;
}

function zeros<Reason extends string>(reasons: readonly Reason[]): Record<Reason, number> {
  return Object.fromEntries(reasons.map((reason) => [reason, 0])) as Record<Reason, number>;
}
