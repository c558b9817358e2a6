import type { DiscardReason, LevelSink } from '../decoder.js';
import { LevelFrame } from '../level-frame.js';
import { distanceTo, WindowDecoder } from '../window-decoder.js';
import { WrappingClock } from '../wrapping-clock.js';
import { AgniId, agniMark, gloveRest, gloveTaxelBytes, xorOf } from './protocol.js';

export interface AgniDecoderOptions {
  /** Taxels, 1 .. 256. Default 64. */
  readonly taxels?: number;
  /** Id of the datagrams that hold them. Default 1. */
  readonly datagram?: number;
  /** Length of a tick of the device's timestamps in nanoseconds; without it frames have the time of arrival. */
  readonly tickNs?: number;
}

/** What a device says of itself. */
export interface AgniConfig {
  readonly version: number;
  readonly device: number;
  /** Its sensors; the data of the first have id 1. */
  readonly sensors: readonly { readonly type: number; readonly bytes: number }[];
}

export interface AgniSink extends LevelSink {
  config(config: AgniConfig): void;
  /** The device reports an error, by a number or in words. */
  error(text: string): void;
}

/** Head of a datagram and of one with data: mark and id, and then a timestamp. */
const head = 3;
const dataHead = 7;
/** Most bytes of data that a datagram may have. */
const maxData = 4096;
/** Codes of errors up to here are lengths of a text. */
const maxErrorText = 0xee;

/**
 * Reads what a tactile glove of the AGNI protocol sends. Lengths of data come from the answer to the question for its
 * configuration; before that, the glove's own datagram is known by the number of taxels. Pressure = 4095 - value.
 * Datagrams of other sensors are passed over. A datagram whose length is not known is no datagram (`type`).
 */
export class AgniDecoder extends WindowDecoder<AgniSink> {
  private readonly frame: LevelFrame;
  private readonly datagram: number;
  private readonly clock: WrappingClock | undefined;
  /** Bytes of data by id; -1 where not known. */
  private readonly lengths = new Int32Array(256);

  /** Throws RangeError for an option out of its range. */
  constructor(options: AgniDecoderOptions = {}) {
    super(dataHead + maxData + 1);
    const { taxels = 64, datagram = AgniId.firstData, tickNs } = options;
    if (!(Number.isInteger(taxels) && taxels >= 1 && taxels <= 256))
      throw new RangeError(`taxels is ${taxels}; it must be a whole number in 1 .. 256`);
    if (!(Number.isInteger(datagram) && datagram >= AgniId.firstData && datagram <= AgniId.lastData))
      throw new RangeError(`datagram is ${datagram}; it must be a whole number in 1 .. ${AgniId.lastData}`);
    this.frame = new LevelFrame(taxels);
    this.datagram = datagram;
    this.clock = tickNs === undefined ? undefined : new WrappingClock(32, tickNs / 1000);
    this.forget();
  }

  /** Levels of a frame. */
  get taxels(): number {
    return this.frame.length;
  }

  protected measure(bytes: Uint8Array, from: number, to: number): number {
    this.refusal = 'sync';
    if (bytes[from] !== agniMark[0]) return -distanceTo(agniMark[0], bytes, from, to);
    const there = to - from;
    if (there < 2) return 0;
    if (bytes[from + 1] !== agniMark[1]) return -1;
    if (there < head) return 0;
    const length = this.lengthOf(bytes, from, there);
    if (length === 0) return 0;
    if (length < 0) {
      this.refusal = 'type';
      return -1;
    }
    if (there < length) return 0;
    const end = from + length - 1;
    if (xorOf(bytes, from, end) === bytes[end]) return length;
    this.refusal = 'crc';
    return -1;
  }

  protected take(
    bytes: Uint8Array,
    from: number,
    to: number,
    sink: AgniSink,
    arrivalUs: number,
  ): DiscardReason | undefined {
    const id = bytes[from + 2]!;
    if (id === AgniId.config) return this.takeConfig(bytes, from, sink);
    if (id === AgniId.error) return this.takeError(bytes, from, to, sink);
    return id === this.datagram ? this.takeLevels(bytes, from, to, sink, arrivalUs) : undefined;
  }

  protected forget(): void {
    this.frame.forget();
    this.clock?.restart();
    this.lengths.fill(-1);
    this.lengths[this.datagram] = this.frame.length * gloveTaxelBytes;
  }

  /** Bytes of the datagram at `from`; 0: not to be told yet; -1: not known. */
  private lengthOf(bytes: Uint8Array, from: number, there: number): number {
    const id = bytes[from + 2]!;
    if (id === AgniId.config) return there < head + 3 ? 0 : head + 3 + 4 * bytes[from + 5]! + 1;
    if (id === AgniId.error) {
      if (there < head + 1) return 0;
      const code = bytes[from + 3]!;
      return head + 1 + (code <= maxErrorText ? code : 0) + 1;
    }
    const data = this.lengths[id]!;
    return data < 0 ? -1 : dataHead + data + 1;
  }

  private takeConfig(bytes: Uint8Array, from: number, sink: AgniSink): undefined {
    const sensors = Array.from({ length: bytes[from + 5]! }, (_, i) => ({
      type: this.view.getUint16(from + 6 + 4 * i, true),
      bytes: this.view.getUint16(from + 8 + 4 * i, true),
    }));
    this.lengths.fill(-1);
    for (const [i, { bytes: length }] of sensors.entries())
      if (i + 1 <= AgniId.lastData && length <= maxData) this.lengths[i + 1] = length;
    sink.config({ version: bytes[from + 3]!, device: bytes[from + 4]!, sensors });
    return undefined;
  }

  private takeError(bytes: Uint8Array, from: number, to: number, sink: AgniSink): undefined {
    const text = new TextDecoder().decode(bytes.subarray(from + 4, to - 1));
    sink.error(text === '' ? `error ${bytes[from + 3]}` : text);
    return undefined;
  }

  private takeLevels(
    bytes: Uint8Array,
    from: number,
    to: number,
    sink: AgniSink,
    arrivalUs: number,
  ): DiscardReason | undefined {
    const { frame, clock } = this;
    const end = to - 1;
    if ((end - from - dataHead) % gloveTaxelBytes !== 0) return 'body';
    let surplus = 0;
    for (let at = from + dataHead; at < end; at += gloveTaxelBytes) {
      const taxel = bytes[at]!;
      if (taxel < frame.length) frame.values[taxel] = gloveRest - (this.view.getUint16(at + 1, true) & 0xfff);
      else surplus++;
    }
    if (surplus > 0) sink.reject('taxel', surplus);
    if (clock === undefined) {
      frame.arrived(arrivalUs);
    } else {
      const tUs = clock.read(this.view.getUint32(from + head, true), arrivalUs);
      if (tUs < frame.tUs) sink.epoch();
      frame.tUs = tUs;
    }
    sink.levels(frame);
    return undefined;
  }
}
