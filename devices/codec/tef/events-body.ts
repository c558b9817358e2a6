import { createEventBatch, type EventBatch } from '../../event.js';
import { maxFrameBytes } from '../cobs-framer.js';
import { maxVarintLength } from '../varint.js';

/** A distance of this many ticks between two events is damage that the CRC missed. */
const deltaLimit = 0x8000_0000;

/**
 * Reads the event lists of EVENTS and SCAN frames into one batch that is reused.
 *
 * Nothing is allocated. Whether a varint has run over the end is looked at only afterwards: the bytes after `end` are
 * the CRC and slack.
 */
export class EventsBody {
  readonly batch: EventBatch = createEventBatch(maxFrameBytes);
  /** Number of taxels: events with an index at or above it are counted and left out. */
  taxels = 0x1_0000;
  /** Microseconds a tick. */
  tickUs = 1;
  /** Events of the last body whose taxel index was too high. */
  outOfRange = 0;
  /** Tick of the last event, or the base without one. */
  lastTick = 0;
  private at = 0;

  /**
   * EVENTS: pairs of varints (taxel << 1 | on, ticks since the previous event) from `at` to `end`. Fills the batch
   * with times `tick * tickUs` and returns true, or false when the body is damaged.
   *
   * A one-byte address with a distance of one or two bytes is read without a branch on its length: which of the two
   * it is follows no pattern, and a wrong guess costs more than the arithmetic. An event out of range is written too,
   * and then overwritten by the next.
   */
  readEvents(bytes: Uint8Array, at: number, end: number, base: number): boolean {
    const { taxels, tickUs } = this;
    const { tUs, taxel, polarity } = this.batch;
    let tick = base;
    let seen = 0;
    let n = 0;
    while (at < end) {
      let address = bytes[at]!;
      let delta = bytes[at + 1]!;
      const long = delta >> 7;
      const high = bytes[at + 2]! & -long;
      if ((address | high) < 0x80) {
        delta = (delta & 0x7f) | (high << 7);
        at += 2 + long;
      } else {
        this.at = at;
        address = this.read(bytes);
        delta = this.read(bytes);
        at = this.at;
        if (address < 0 || delta < 0 || delta >= deltaLimit) return false;
      }
      tick += delta;
      seen++;
      const index = address >>> 1;
      tUs[n] = tick * tickUs;
      taxel[n] = index;
      polarity[n] = address & 1;
      n += index < taxels ? 1 : 0;
    }
    if (at > end) return false;
    this.batch.length = n;
    this.outOfRange = seen - n;
    this.lastTick = tick;
    return true;
  }

  /** SCAN: groups of varints (ticks since the previous group, n, n times taxel << 1 | on); else as `readEvents`. */
  readScan(bytes: Uint8Array, at: number, end: number, base: number): boolean {
    const { taxels, tickUs } = this;
    const { tUs, taxel, polarity } = this.batch;
    let tick = base;
    let n = 0;
    let outOfRange = 0;
    this.at = at;
    while (this.at < end) {
      const delta = this.read(bytes);
      const count = this.read(bytes);
      if (delta < 0 || delta >= deltaLimit || count < 0 || count > end - this.at) return false;
      tick += delta;
      for (let i = 0; i < count; i++) {
        const address = this.read(bytes);
        if (this.at > end || address < 0) return false;
        const index = address >>> 1;
        if (index < taxels) {
          tUs[n] = tick * tickUs;
          taxel[n] = index;
          polarity[n] = address & 1;
          n++;
        } else {
          outOfRange++;
        }
      }
    }
    if (this.at > end) return false;
    this.batch.length = n;
    this.outOfRange = outOfRange;
    this.lastTick = tick;
    return true;
  }

  /** The varint at `this.at`, or -1; moves `this.at`. */
  private read(bytes: Uint8Array): number {
    const first = bytes[this.at++]!;
    return first < 0x80 ? first : this.readRest(bytes, this.at, first);
  }

  /** The rest, from `at`, of a varint whose first byte is `first`: the value or -1 when it is over 2^32-1. Sets `at`. */
  private readRest(bytes: Uint8Array, at: number, first: number): number {
    let value = first & 0x7f;
    let weight = 0x80;
    for (let i = 1; i < maxVarintLength; i++) {
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * weight;
      weight *= 0x80;
      if (byte < 0x80) {
        this.at = at;
        return value <= 0xffff_ffff ? value : -1;
      }
    }
    this.at = at;
    return -1;
  }
}
