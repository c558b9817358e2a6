import { appendEvent, createEventBatch } from '../../event.js';
import type { DecoderSink, DiscardReason } from '../decoder.js';
import { WindowDecoder } from '../window-decoder.js';
import { WrappingClock } from '../wrapping-clock.js';
import {
  edvsSide,
  isLater,
  probeTimestamps,
  recordBytes,
  type TimestampBits,
  timestampAt,
} from './records.js';

export interface EdvsDecoderOptions {
  /** Bits of the timestamps, or `auto` (the default): found out from the first 2048 bytes. */
  readonly timestampBits?: TimestampBits | 'auto';
  /** Records in a row that must look right before the first of them counts, 1 .. 64. Default 8. */
  readonly lockRecords?: number;
}

export interface EdvsSink extends DecoderSink {
  /** A line of text between the events: the banner of the board, or its answer to a command. */
  text(line: string): void;
}

/** Bytes by which the kind of timestamp is found out. */
const probeBytes = 2048;
const maxLockRecords = 64;
const maxLine = 200;
const minLine = 4;

/**
 * Reads the records of an eDVS. The taxel of an event is its pixel, y * 128 + x; its polarity is the bit as it stands
 * on the wire, whose sense differs from driver to driver. Events without timestamps have the time of arrival.
 *
 * Nothing in a record but bit 7 of its first byte shows where it begins, and other bytes may have that bit as well. So
 * records count only once `lockRecords` in a row look right, their times included; a first byte that does not fit costs
 * one byte, two in a row the lock. A byte lost within a record may give a few wrong events before that.
 */
export class EdvsDecoder extends WindowDecoder<EdvsSink> {
  private readonly fixed: TimestampBits | undefined;
  private readonly lockRecords: number;
  private readonly batch = createEventBatch(1024);
  private bits: TimestampBits | undefined;
  private clock: WrappingClock | undefined;
  private clockBits: TimestampBits = 0;
  private isLocked = false;
  private failures = 0;
  /** Bytes passed over since the lock was lost. */
  private astray = 0;
  private line = '';
  private lastUs = Number.NEGATIVE_INFINITY;

  /** Throws RangeError for an option out of its range. */
  constructor(options: EdvsDecoderOptions = {}) {
    super(probeBytes);
    const { timestampBits = 'auto', lockRecords = 8 } = options;
    if (!(Number.isInteger(lockRecords) && lockRecords >= 1 && lockRecords <= maxLockRecords))
      throw new RangeError(
        `lockRecords is ${lockRecords}; it must be a whole number in 1 .. ${maxLockRecords}`,
      );
    this.lockRecords = lockRecords;
    this.fixed = timestampBits === 'auto' ? undefined : timestampBits;
    this.relearn();
  }

  /** The board has started again: its records and its clock begin anew. */
  restart(): void {
    this.lastUs = Number.NEGATIVE_INFINITY;
    this.clock?.restart();
    this.relearn();
  }

  /** What was found out of the records no longer holds: the board has been told to send others. */
  relearn(): void {
    this.isLocked = false;
    this.failures = 0;
    this.setBits(this.fixed);
  }

  protected measure(bytes: Uint8Array, from: number, to: number): number {
    this.refusal = 'sync';
    if (this.isLocked) return this.next(bytes, from, to);
    if (bytes[from]! < 0x80) return -1;
    if (this.bits === undefined) {
      if (to - from < probeBytes) return 0;
      this.setBits(probeTimestamps(bytes, from, from + probeBytes));
      if (this.bits === undefined) return -probeBytes / 2;
    }
    return this.hunt(bytes, from, to, this.bits);
  }

  protected take(
    bytes: Uint8Array,
    from: number,
    _to: number,
    sink: EdvsSink,
    arrivalUs: number,
  ): DiscardReason | undefined {
    const bits = this.bits!;
    this.lastUs =
      bits === 0
        ? Math.max(this.lastUs, arrivalUs)
        : this.clock!.read(timestampAt(bytes, from, bits), arrivalUs);
    const second = bytes[from + 1]!;
    const pixel = (bytes[from]! & 0x7f) * edvsSide + (second & 0x7f);
    appendEvent(this.batch, this.lastUs, pixel, second >> 7);
    if (this.batch.length === this.batch.tUs.length) this.flush(sink);
    return undefined;
  }

  protected override flush(sink: EdvsSink): void {
    if (this.batch.length > 0) sink.events(this.batch);
    this.batch.length = 0;
  }

  protected override pass(bytes: Uint8Array, from: number, to: number, sink: EdvsSink): void {
    if (this.isLocked) return;
    this.astray += to - from;
    if (this.astray > probeBytes) this.relearn();
    for (let at = from; at < to; at++) this.readText(bytes[at]!, sink);
  }

  protected forget(): void {
    this.line = '';
    this.restart();
  }

  /** The next record of a stream that is locked. */
  private next(bytes: Uint8Array, from: number, to: number): number {
    if (bytes[from]! < 0x80) {
      this.failures++;
      if (this.failures > 1) this.isLocked = false;
      this.astray = 0;
      return -1;
    }
    const length = recordBytes(this.bits!);
    if (to - from < length) return 0;
    this.failures = 0;
    return length;
  }

  /** Whether records begin at `from`: as many in a row as are asked for. */
  private hunt(bytes: Uint8Array, from: number, to: number, bits: TimestampBits): number {
    const stride = recordBytes(bits);
    for (let i = 0, at = from; i < this.lockRecords; i++, at += stride) {
      if (at >= to) return 0;
      if (bytes[at]! < 0x80) return -1;
      if (at + stride > to) return 0;
      if (i === 0 || bits === 0) continue;
      if (!isLater(timestampAt(bytes, at - stride, bits), timestampAt(bytes, at, bits), bits)) return -1;
    }
    this.isLocked = true;
    this.failures = 0;
    return stride;
  }

  private setBits(bits: TimestampBits | undefined): void {
    this.bits = bits;
    this.astray = 0;
    if (bits === undefined || bits === 0 || bits === this.clockBits) return;
    this.clock = new WrappingClock(bits, 1);
    this.clockBits = bits;
  }

  private readText(byte: number, sink: EdvsSink): void {
    if (byte >= 0x20 && byte < 0x7f) {
      if (this.line.length < maxLine) this.line += String.fromCharCode(byte);
      return;
    }
    const { line } = this;
    this.line = '';
    if ((byte !== 0x0a && byte !== 0x0d) || line.length < minLine) return;
    this.flush(sink);
    sink.text(line);
  }
}
