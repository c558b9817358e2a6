import { CobsFramer, type FrameHandler, maxFrameBytes } from '../cobs-framer.js';
import { crc16 } from '../crc16.js';
import type { Decoder, DiscardReason } from '../decoder.js';
import { EventsBody } from './events-body.js';
import {
  crcLength,
  headerLength,
  type LevelFormat,
  type TefHello,
  type TefLevels,
  type TefPong,
  type TefStatus,
  TefType,
  tefVersion,
} from './messages.js';
import {
  LevelsBody,
  readAck,
  readCommand,
  readHello,
  readLog,
  readPong,
  readStatus,
} from './messages-body.js';
import { type TefSink, tefSink } from './sink.js';
import { TickClock } from './tick-clock.js';

export interface TefDecoderOptions {
  /** Whose frames these are; frames of the other side (an echo) are discarded as `type`. Default `device`. */
  readonly from?: 'device' | 'host';
  /** For a device that sends no HELLO: length of its tick in nanoseconds. A HELLO overrides it. */
  readonly tickNs?: number;
  /** Number of taxels; if given, it also bounds the indices of a device whose HELLO says otherwise. */
  readonly taxels?: number;
  /** How levels are written. Default `varint`. */
  readonly levels?: LevelFormat;
}

/** Reads TEF v1; see `Decoder` for what holds of every decoder. Each frame's events arrive as one batch. */
export class TefDecoder implements Decoder<TefSink>, FrameHandler {
  accepted = 0;
  private readonly framer = new CobsFramer();
  private readonly clock = new TickClock();
  private readonly body = new EventsBody();
  private readonly levelsBody: LevelsBody;
  private readonly levels: TefLevels = {
    tUs: 0,
    start: 0,
    length: 0,
    values: new Int32Array(maxFrameBytes),
  };
  private readonly fromDevice: boolean;
  private readonly taxelsFixed: boolean;
  private sink: TefSink = tefSink({});
  private view: DataView = new DataView(new ArrayBuffer(0));
  private seq = -1;
  /** Number of the first frame of this link. */
  private firstSeq = -1;
  private bootId = -1;
  /** Which device, since which of its starts, is at the other end; undefined: it has not said so on this link. */
  private who: string | undefined;
  /** Who was there on the link before, and the last number heard. */
  private before: { readonly who: string; readonly seq: number } | undefined;
  private identified: boolean;

  constructor(options: TefDecoderOptions = {}) {
    this.fromDevice = options.from !== 'host';
    this.taxelsFixed = options.taxels !== undefined;
    this.identified = options.taxels !== undefined && options.tickNs !== undefined;
    this.levelsBody = new LevelsBody(options.levels ?? 'varint');
    if (options.taxels !== undefined) this.body.taxels = options.taxels;
    if (options.tickNs !== undefined) this.body.tickUs = options.tickNs / 1000;
  }

  get buffered(): number {
    return this.framer.buffered;
  }

  push(chunk: Uint8Array, sink: TefSink): void {
    this.sink = sink;
    this.framer.push(chunk, this);
  }

  reset(sink: TefSink): void {
    const bytes = this.framer.reset();
    if (bytes > 0) sink.discard('partial', bytes);
    this.clock.restart();
    if (this.seq >= 0) this.before = this.who === undefined ? undefined : { who: this.who, seq: this.seq };
    this.seq = -1;
    this.bootId = -1;
    this.who = undefined;
  }

  idle(): void {
    this.accepted++;
  }

  broken(reason: 'cobs' | 'oversize', bytes: number): void {
    this.sink.discard(reason, bytes);
  }

  frame(content: Uint8Array, length: number, bytes: number): void {
    const damage = this.check(content, length) ?? this.read(content, length - crcLength);
    if (damage === undefined) this.accepted += bytes;
    else this.sink.discard(damage, bytes);
  }

  private check(content: Uint8Array, length: number): DiscardReason | undefined {
    const end = length - crcLength;
    if (end < headerLength) return 'body';
    if (crc16(content, 0, end) !== (content[end]! | (content[end + 1]! << 8))) return 'crc';
    return content[0]! >> 4 === tefVersion ? undefined : 'version';
  }

  /** Hands a frame on; returns what is wrong with it, before anything was handed on. */
  private read(content: Uint8Array, end: number): DiscardReason | undefined {
    const type = content[0]! & 0x0f;
    const seq = content[1]! | (content[2]! << 8);
    if (type >= TefType.describe === this.fromDevice) return 'type';
    if (type === TefType.events || type === TefType.scan) return this.readEvents(type, seq, content, end);
    if (this.view.buffer !== content.buffer) this.view = new DataView(content.buffer);
    return this.readMessage(type, seq, content, end) ? undefined : 'body';
  }

  private readEvents(type: number, seq: number, content: Uint8Array, end: number): DiscardReason | undefined {
    const { body, clock, sink } = this;
    const first = headerLength + 5;
    if (end < first) return 'body';
    const base = clock.unwrap(u32(content, headerLength + 1));
    const good =
      type === TefType.events
        ? body.readEvents(content, first, end, base)
        : body.readScan(content, first, end, base);
    if (!good) return 'body';
    clock.mark(body.lastTick);
    this.number(seq);
    const dropped = content[headerLength]!;
    if (dropped > 0) sink.gap('events', dropped);
    if (body.outOfRange > 0) sink.reject('taxel', body.outOfRange);
    if (!this.identified) {
      if (body.batch.length > 0) sink.reject('unidentified', body.batch.length);
      return undefined;
    }
    if (body.batch.length > 0) sink.events(body.batch);
    else sink.advance(body.lastTick * body.tickUs);
    return undefined;
  }

  /** Any frame but EVENTS and SCAN; false when its body is damaged. */
  private readMessage(type: number, seq: number, content: Uint8Array, end: number): boolean {
    const { sink, view } = this;
    switch (type) {
      case TefType.hello: {
        const hello = readHello(view, end);
        return hello !== undefined && this.takeHello(seq, hello);
      }
      case TefType.levels:
        return this.takeLevels(seq, content, end);
      case TefType.status: {
        const status = readStatus(view, end);
        return status !== undefined && this.takeStatus(seq, status);
      }
      case TefType.pong: {
        const pong = readPong(view, end);
        return pong !== undefined && this.takePong(seq, pong);
      }
      case TefType.ack: {
        const ack = readAck(view, end);
        return ack !== undefined && this.pass(seq, () => sink.ack(ack));
      }
      case TefType.log:
        return this.pass(seq, () => sink.log(readLog(view, end)));
      default: {
        const command = readCommand(type, seq, view, end);
        return command !== undefined && this.pass(seq, () => sink.command(command));
      }
    }
  }

  private takeHello(seq: number, hello: TefHello): boolean {
    const restarted = this.bootId >= 0 && hello.bootId !== this.bootId;
    this.bootId = hello.bootId;
    this.identified = true;
    this.body.tickUs = hello.tickNs / 1000;
    if (!this.taxelsFixed) this.body.taxels = hello.taxels;
    if (restarted) this.restart();
    this.number(seq);
    this.recognise(`${hello.uid} ${hello.bootId}`);
    this.sink.hello(hello, restarted);
    return true;
  }

  private takeStatus(seq: number, status: TefStatus): boolean {
    const { clock, sink } = this;
    if (clock.wentBack(status.uptimeTicks)) this.restart();
    this.number(seq);
    const tick = clock.read(status.uptimeTicks);
    sink.status(status);
    if (this.identified) sink.advance(tick * this.body.tickUs);
    return true;
  }

  /** The answer to a ping carries the device's clock, too. */
  private takePong(seq: number, pong: TefPong): boolean {
    const { clock, sink, body } = this;
    this.number(seq);
    const rxUs = (clock.convert(pong.rxTicks) + 1) * body.tickUs;
    sink.pong(pong, rxUs, clock.convert(pong.txTicks) * body.tickUs);
    return true;
  }

  private takeLevels(seq: number, content: Uint8Array, end: number): boolean {
    const { clock, levels } = this;
    if (end < headerLength + 5 || !this.levelsBody.read(content, end, levels)) return false;
    const tick = clock.unwrap(u32(content, headerLength));
    clock.mark(tick);
    levels.tUs = tick * this.body.tickUs;
    this.number(seq);
    if (this.identified) this.sink.levels(levels);
    return true;
  }

  private pass(seq: number, hand: () => void): true {
    this.number(seq);
    hand();
    return true;
  }

  /** The device has started again: a new clock, new numbers. */
  private restart(): void {
    this.clock.restart();
    this.seq = -1;
    this.sink.epoch();
  }

  /** A device that was there on the link before has gone on numbering: what it sent in between is lost. */
  private recognise(who: string): void {
    const { before, firstSeq } = this;
    this.who = who;
    this.before = undefined;
    if (before?.who !== who) return;
    const missing = (firstSeq - before.seq - 1) & 0xffff;
    // More than half the range: it has begun anew with this link.
    if (missing > 0 && missing < 0x8000) this.sink.gap('frames', missing);
  }

  /** Notes a frame's sequence number. One that goes back (by up to half the range) counts as a gap of one. */
  private number(seq: number): void {
    const missing = this.seq < 0 ? 0 : (seq - this.seq - 1) & 0xffff;
    if (this.seq < 0) this.firstSeq = seq;
    this.seq = seq;
    if (missing > 0) this.sink.gap('frames', missing < 0x8000 ? missing : 1);
  }
}

function u32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
