import type { EventBatch } from '../event.js';

/**
 * A wire format, receiving side: bytes in, in any cut; events, the course of device time and counted losses out.
 * Every driver has one. A decoder is pure (no clock, no I/O, never throws on input), its memory is bounded, what it
 * calls depends on the bytes alone and not on how they were cut (of formats without frames, how the events are grouped
 * into batches does, and nothing else), and it accounts for each byte: at any moment bytes pushed = `accepted` + bytes reported by `discard` + `buffered`.
 */
export interface Decoder<Sink extends DecoderSink = DecoderSink> {
  /** Takes the next bytes; `arrivalUs` (host microseconds) is for formats without a clock of their own. */
  push(chunk: Uint8Array, sink: Sink, arrivalUs: number): void;

  /**
   * Forgets the link (sequence numbers, clock): what is still buffered is discarded as `partial`. A decoder whose device
   * says that it has not started again since may tell what was lost in between as a gap.
   */
  reset(sink: Sink): void;

  /** Bytes that belonged to valid frames or legal fill. */
  readonly accepted: number;

  /** Bytes held back until the rest of their frame arrives. */
  readonly buffered: number;
}

/** What every decoder calls. Device time is in microseconds and counts from an arbitrary zero, one an epoch. */
export interface DecoderSink {
  /** Events in the order of the wire. The batch is the decoder's own: valid during the call, reused after it. */
  events(batch: EventBatch): void;
  /** The device clock has reached `deviceUs` and all events before it have been sent. */
  advance(deviceUs: number): void;
  /** The device clock has restarted: times before and after do not compare. */
  epoch(): void;
  /** `count` frames (by their numbering) or events (by the device's own count) were lost; at least that many. */
  gap(kind: 'frames' | 'events', count: number): void;
  /** `bytes` bytes of input were of no use. */
  discard(reason: DiscardReason, bytes: number): void;
  /** `count` events of valid frames were dropped. */
  reject(reason: RejectReason, count: number): void;
}

/** What decoders of sampled sensors call as well. */
export interface LevelSink extends DecoderSink {
  /** A frame. The object and its values are the decoder's own: valid during the call, reused after it. */
  levels(levels: SensorLevels): void;
}

/** Levels of taxels start .. start+length-1 at one moment, in the unit of the sensor. */
export interface SensorLevels {
  /** Device time in microseconds; of sensors without a clock the time of arrival. */
  readonly tUs: number;
  readonly start: number;
  readonly length: number;
  /** The first `length` entries are valid. */
  readonly values: Int32Array | Float64Array;
}

export const discardReasons = [
  /** No byte stuffing: a zero where none may be, or a run cut short. */
  'cobs',
  /** The check value does not fit. */
  'crc',
  /** A version of the format that is not understood. */
  'version',
  /** A frame type that is unknown or belongs to the other direction. */
  'type',
  /** The check value fits, but the content is cut short or out of its range. */
  'body',
  /** More bytes without an end of frame than any frame has. */
  'oversize',
  /** Bytes outside any frame, of formats that are found by their look: text, noise, the rest of a damaged frame. */
  'sync',
  /** The link ended in the middle of a frame. */
  'partial',
] as const;

export type DiscardReason = (typeof discardReasons)[number];

export const rejectReasons = [
  /** A taxel index at or above the number of taxels. */
  'taxel',
  /** Events that came before the device said how many taxels and which tick it has. */
  'unidentified',
  /** Events of another kind than the driver is to read. */
  'kind',
] as const;

export type RejectReason = (typeof rejectReasons)[number];
