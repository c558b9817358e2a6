import type { EventBatch } from '../../event.js';
import { varintLength, zigZag } from '../varint.js';
import { FrameWriter } from './frame-writer.js';
import type { TefPong, TefStatus } from './messages.js';
import { type LevelFormat, maxFrameContent, type TefAck, type TefHello, TefType } from './messages.js';

export interface TefEncoderOptions {
  /** Length of a device clock tick in nanoseconds; 1000 = microseconds, the default. */
  readonly tickNs?: number;
  /**
   * Longest EVENTS, SCAN, LEVELS or LOG frame on the wire in bytes, delimiter included: 32 .. 255, the default. A
   * shorter frame waits less behind the one before it; below 500 kbaud 64 is advised. HELLO may be longer.
   */
  readonly frameBytes?: number;
  /** How levels are written; the decoder must be told the same. Default `varint`. */
  readonly levels?: LevelFormat;
}

export interface EventFrameOptions {
  /** Events lost on the device since the last frame; the wire saturates at 255. */
  readonly dropped?: number;
  /** Tick that the first event's distance is counted from; default: the first event's own tick, or 0 without one. */
  readonly baseTicks?: number;
}

/**
 * Writes TEF v1. Every method returns the wire bytes (one or more whole frames) in an array of its own; frames are
 * numbered in the order of the calls. One encoder serves one direction of one link.
 */
export class TefEncoder {
  private readonly frame = new FrameWriter();
  private readonly tickNs: number;
  private readonly frameBytes: number;
  private readonly levelFormat: LevelFormat;

  /** Throws RangeError for a frame size outside 32 .. 255 or a tick that is not 1 .. 2^32-1 ns. */
  constructor(options: TefEncoderOptions = {}) {
    this.tickNs = options.tickNs ?? 1000;
    this.frameBytes = options.frameBytes ?? maxFrameContent + 2;
    this.levelFormat = options.levels ?? 'varint';
    if (!(this.frameBytes >= 32 && this.frameBytes <= maxFrameContent + 2))
      throw new RangeError(`frameBytes must be 32 .. ${maxFrameContent + 2}, not ${this.frameBytes}`);
    if (!(this.tickNs >= 1 && this.tickNs <= 0xffff_ffff))
      throw new RangeError(`tickNs must be 1 .. 4294967295, not ${this.tickNs}`);
  }

  /** Ticks of a device time in microseconds, rounded to the nearest. */
  ticks(tUs: number): number {
    return Math.round((tUs * 1000) / this.tickNs);
  }

  // Device to host

  /** HELLO. Throws RangeError when the name takes more than 216 bytes of UTF-8 or the uid is not 16 hex digits. */
  hello(info: TefHello): Uint8Array {
    const name = new TextEncoder().encode(info.name);
    if (!/^[0-9a-f]{16}$/i.test(info.uid))
      throw new RangeError(`uid must be 16 hexadecimal digits, not '${info.uid}'`);
    const { frame } = this;
    frame.begin(TefType.hello);
    frame.bytes(new TextEncoder().encode('TEF1'));
    frame.u32(info.tickNs);
    frame.u16(info.taxels);
    frame.u16(info.caps);
    frame.u32(info.geometryId);
    for (let i = 0; i < 16; i += 2) frame.u8(Number.parseInt(info.uid.slice(i, i + 2), 16));
    for (const part of info.firmware) frame.u8(part);
    frame.u32(info.bootId);
    frame.u8(name.length);
    frame.bytes(name);
    return this.finish();
  }

  /**
   * EVENTS frames, as many as the batch needs; one empty frame for an empty batch. Times are device microseconds.
   * Throws RangeError when times decrease.
   */
  events(batch: EventBatch, options: EventFrameOptions = {}): Uint8Array {
    const { frame, frameBytes } = this;
    let last = this.beginEvents(TefType.events, options.baseTicks ?? this.firstTick(batch), options.dropped);
    for (let i = 0; i < batch.length; i++) {
      const address = addressOf(batch, i);
      const tick = this.ticks(batch.tUs[i]!);
      let delta = deltaOf(tick, last, i);
      if (
        delta > maxDelta ||
        frame.room(frameBytes) < varintLength(address) + varintLength(Math.min(delta, maxDelta))
      ) {
        frame.end();
        this.beginEvents(TefType.events, tick);
        delta = 0;
      }
      frame.varint(address);
      frame.varint(delta);
      last = tick;
    }
    return this.finish();
  }

  /** SCAN frames: as `events`, events of the same tick grouped under one time. */
  scan(batch: EventBatch, options: EventFrameOptions = {}): Uint8Array {
    const { frame, frameBytes } = this;
    let last = this.beginEvents(TefType.scan, options.baseTicks ?? this.firstTick(batch), options.dropped);
    for (let i = 0; i < batch.length; ) {
      const tick = this.ticks(batch.tUs[i]!);
      let delta = deltaOf(tick, last, i);
      const head = varintLength(Math.min(delta, maxDelta)) + 2;
      if (delta > maxDelta || frame.room(frameBytes) < head + varintLength(addressOf(batch, i))) {
        frame.end();
        this.beginEvents(TefType.scan, tick);
        delta = 0;
      }
      const end = this.groupEnd(batch, i, tick, frame.room(frameBytes) - varintLength(delta) - 2);
      frame.varint(delta);
      frame.varint(end - i);
      for (; i < end; i++) frame.varint(addressOf(batch, i));
      last = tick;
    }
    return this.finish();
  }

  /** LEVELS frames: `values[i]` is the level of taxel `start + i` at device time `tUs`. */
  levels(tUs: number, start: number, values: ArrayLike<number>): Uint8Array {
    const { frame, frameBytes } = this;
    const base = this.ticks(tUs);
    this.beginLevels(base, start);
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (frame.room(frameBytes) < this.levelLength(value)) {
        frame.end();
        this.beginLevels(base, start + i);
      }
      if (this.levelFormat === 'varint') frame.varint(zigZag(value));
      else if (this.levelFormat === 'u16') frame.u16(value);
      else frame.u8(value);
    }
    return this.finish();
  }

  status(status: TefStatus): Uint8Array {
    const { frame } = this;
    frame.begin(TefType.status);
    frame.u64(status.uptimeTicks);
    frame.u32(status.events);
    frame.u32(status.dropped);
    frame.u32(status.overruns);
    return this.finish();
  }

  pong(pong: TefPong): Uint8Array {
    const { frame } = this;
    frame.begin(TefType.pong);
    frame.u32(pong.nonce);
    frame.u64(pong.rxTicks);
    frame.u64(pong.txTicks);
    return this.finish();
  }

  ack(ack: TefAck): Uint8Array {
    this.frame.begin(TefType.ack);
    this.frame.u16(ack.seq);
    this.frame.u8(ack.status);
    return this.finish();
  }

  /** LOG: one line of text, cut to what fits into a frame. */
  log(text: string): Uint8Array {
    this.frame.begin(TefType.log);
    const room = new Uint8Array(this.frame.room(this.frameBytes));
    const { written } = new TextEncoder().encodeInto(text, room);
    this.frame.bytes(room.subarray(0, written));
    return this.finish();
  }

  // Host to device

  describe(): Uint8Array {
    return this.bare(TefType.describe);
  }

  /** START: `stream` is a sum of `TefStream`; the device sends a frame at the latest `flushUs` after its first event. */
  start(stream: number, flushUs: number): Uint8Array {
    this.frame.begin(TefType.start);
    this.frame.u8(stream);
    this.frame.u16(Math.min(0xffff, Math.max(0, Math.round(flushUs))));
    return this.finish();
  }

  stop(): Uint8Array {
    return this.bare(TefType.stop);
  }

  /** CONFIG: a setting of the firmware's own; key 0 .. 255, the value's bytes as that key defines them. */
  config(key: number, value: Uint8Array): Uint8Array {
    this.frame.begin(TefType.config);
    this.frame.u8(key);
    this.frame.bytes(value);
    return this.finish();
  }

  ping(nonce: number): Uint8Array {
    this.frame.begin(TefType.ping);
    this.frame.u32(nonce);
    return this.finish();
  }

  clockZero(): Uint8Array {
    return this.bare(TefType.clockZero);
  }

  keyframe(): Uint8Array {
    return this.bare(TefType.keyframe);
  }

  reboot(): Uint8Array {
    return this.bare(TefType.reboot);
  }

  private bare(type: number): Uint8Array {
    this.frame.begin(type);
    return this.finish();
  }

  private finish(): Uint8Array {
    this.frame.end();
    return this.frame.take();
  }

  private firstTick(batch: EventBatch): number {
    return batch.length === 0 ? 0 : this.ticks(batch.tUs[0]!);
  }

  /** Opens an EVENTS or SCAN frame and returns the unwrapped tick that its first event counts from. */
  private beginEvents(type: number, tick: number, dropped = 0): number {
    this.frame.begin(type);
    this.frame.u8(Math.min(0xff, dropped));
    this.frame.u32(tick % 0x1_0000_0000);
    return tick;
  }

  private beginLevels(tick: number, start: number): void {
    this.frame.begin(TefType.levels);
    this.frame.u32(tick % 0x1_0000_0000);
    this.frame.varint(start);
  }

  private levelLength(value: number): number {
    if (this.levelFormat === 'varint') return varintLength(zigZag(value));
    return this.levelFormat === 'u16' ? 2 : 1;
  }

  /** End of the run of events from `i` on that share `tick` and whose addresses fit into `room` bytes. */
  private groupEnd(batch: EventBatch, i: number, tick: number, room: number): number {
    for (; i < batch.length && this.ticks(batch.tUs[i]!) === tick; i++) {
      room -= varintLength(addressOf(batch, i));
      if (room < 0) break;
    }
    return i;
  }
}

/** Distances of 2^31 ticks and more start a new frame: a decoder takes them for damage. */
const maxDelta = 0x7fff_ffff;

function addressOf(batch: EventBatch, i: number): number {
  return (batch.taxel[i]! << 1) | (batch.polarity[i]! & 1);
}

function deltaOf(tick: number, last: number, i: number): number {
  if (tick >= last) return tick - last;
  throw new RangeError(
    `event ${i} is ${last - tick} ticks earlier than the one before it; sort events by time`,
  );
}
