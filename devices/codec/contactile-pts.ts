import type { DiscardReason, LevelSink } from './decoder.js';
import { LevelFrame } from './level-frame.js';
import { distanceTo, WindowDecoder } from './window-decoder.js';

/** What a pillar measures, in the order of the wire: force in newtons, displacement in millimetres. */
export const pillarValues = ['fx', 'fy', 'fz', 'dx', 'dy', 'dz'] as const;
export type PillarValue = (typeof pillarValues)[number];

export interface PtsDecoderOptions {
  /** Sensors at the hub, 1 .. 16. Default 1. */
  readonly sensors?: number;
  /** Pillars of a sensor, 1 .. 64. Default 9. */
  readonly pillars?: number;
  /** Which values become levels: level (sensor * pillars + pillar) * values + i is value i of the list. Default fx, fy, fz. */
  readonly values?: readonly PillarValue[];
}

const startMark = [0x55, 0x66, 0x77, 0x88];
const endMark = [0xaa, 0xbb, 0xcc, 0xdd];
/** Bytes of an offset: the only size that has been seen. */
const offsetBytes = 2;
/** Least distance of the end mark from the start mark: size of an offset and check value lie between. */
const leastBody = 4 + 1 + 2;
/** Longest frame; two sensors of nine pillars with all that is known of take 607 bytes and some slip states. */
const maxFrame = 2048;
/** Most sensors of a hub and most pillars of a sensor. */
const mostSensors = 16;
const mostPillars = 64;
const hubBlock = 1;
const pillarBlock = 3;
const pillarMark = 2;

/**
 * Reads PTS v2.0, little-endian: start mark, index of blocks, blocks, sum of all bytes in between, end mark. The end mark
 * may stand in the data: where the sum does not fit, the next one is tried, and when none within 2048 bytes does, the
 * next start mark. Levels come from the blocks of pillars, times from the hub; offsets count from the beginning of what
 * they stand in. Pillars and sensors beyond those expected are rejected as `taxel`, other blocks are passed over.
 */
export class PtsDecoder extends WindowDecoder<LevelSink> {
  private readonly frame: LevelFrame;
  private readonly sensors: number;
  private readonly pillars: number;
  /** Offset in the six values of a pillar, by level. */
  private readonly values: readonly number[];
  /** From the start mark: where to look for the next end mark, and up to where bytes are in the sum. */
  private seen = leastBody;
  private summed = 4;
  private sum = 0;
  private marks = 0;
  private counter = -1;

  /** Throws RangeError for an option out of its range. */
  constructor(options: PtsDecoderOptions = {}) {
    super(maxFrame);
    const { sensors = 1, pillars = 9, values = ['fx', 'fy', 'fz'] } = options;
    for (const [name, count, most] of [
      ['sensors', sensors, mostSensors],
      ['pillars', pillars, mostPillars],
    ] as const)
      if (!(Number.isInteger(count) && count >= 1 && count <= most))
        throw new RangeError(`${name} is ${count}; it must be a whole number in 1 .. ${most}`);
    if (values.length === 0)
      throw new RangeError(`values is empty; name one or more of ${pillarValues.join(', ')}`);
    this.sensors = sensors;
    this.pillars = pillars;
    this.values = values.map((value) => pillarValues.indexOf(value));
    this.frame = new LevelFrame(sensors * pillars * values.length);
  }

  /** Levels of a frame. */
  get taxels(): number {
    return this.frame.length;
  }

  protected measure(bytes: Uint8Array, from: number, to: number): number {
    this.refusal = 'sync';
    if (bytes[from] !== startMark[0]) return -distanceTo(startMark[0]!, bytes, from, to);
    const known = Math.min(4, to - from);
    for (let i = 1; i < known; i++) if (bytes[from + i] !== startMark[i]) return -1;
    if (to - from < 5) return 0;
    if (bytes[from + 4] !== offsetBytes) {
      this.refusal = 'version';
      return -1;
    }
    const length = this.findEnd(bytes, from, Math.min(to, from + maxFrame));
    const isDecided = length > 0 || to - from >= maxFrame;
    if (!isDecided) return 0;
    this.refusal = this.marks > 0 ? 'crc' : 'oversize';
    this.startSearch();
    return length > 0 ? length : -1;
  }

  protected take(_bytes: Uint8Array, from: number, to: number, sink: LevelSink): DiscardReason | undefined {
    const blocks = this.readIndex(from + 4, to - 6);
    const hub = blocks?.get(hubBlock);
    const pillars = blocks?.get(pillarBlock);
    if (hub === undefined || pillars === undefined || hub + 12 > to - 6) return 'body';
    const surplus = this.readPillars(pillars, to - 6);
    if (surplus === undefined) return 'body';
    this.number(this.view.getUint32(hub, true), sink);
    const tUs = Number(this.view.getBigUint64(hub + 4, true));
    if (tUs < this.frame.tUs) sink.epoch();
    this.frame.tUs = tUs;
    if (surplus > 0) sink.reject('taxel', surplus);
    sink.levels(this.frame);
    return undefined;
  }

  protected forget(): void {
    this.frame.forget();
    this.startSearch();
    this.counter = -1;
  }

  /** Length of the frame at `from`, if an end mark before `limit` has the right sum before it, else 0. */
  private findEnd(bytes: Uint8Array, from: number, limit: number): number {
    for (;;) {
      const at = bytes.indexOf(endMark[0]!, from + this.seen);
      if (at < 0 || at + 4 > limit) {
        this.seen = Math.max(this.seen, (at < 0 || at > limit ? limit : at) - from);
        return 0;
      }
      this.seen = at + 1 - from;
      if (!endMark.every((byte, i) => bytes[at + i] === byte)) continue;
      this.marks++;
      for (; this.summed < at - 2 - from; this.summed++) this.sum += bytes[from + this.summed]!;
      if ((this.sum & 0xffff) === this.view.getUint16(at - 2, true)) return at + 4 - from;
    }
  }

  private startSearch(): void {
    this.seen = leastBody;
    this.summed = 4;
    this.sum = 0;
    this.marks = 0;
  }

  /** Positions of the blocks by type, or undefined when the index is damaged. It ends where the first block begins. */
  private readIndex(body: number, end: number): Map<number, number> | undefined {
    const blocks = new Map<number, number>();
    let first = end;
    for (let at = body + 1; at < first; at += 4) {
      if (at + 4 > first) return undefined;
      const position = body + this.view.getUint16(at + 2, true);
      if (position < at + 4 || position > end) return undefined;
      first = Math.min(first, position);
      blocks.set(this.view.getUint16(at, true), position);
    }
    return blocks;
  }

  /** Reads the block of pillars; how many of them were not expected, or undefined when it is damaged. */
  private readPillars(block: number, end: number): number | undefined {
    const sensors = this.readList(block, end, mostSensors);
    if (sensors === undefined) return undefined;
    const pillars = sensors.map((sensor) => this.readList(sensor, end, mostPillars));
    let surplus = 0;
    for (const [s, list] of pillars.entries()) {
      if (list?.every((at) => at + 26 <= end && this.view.getUint16(at, true) === pillarMark) !== true)
        return undefined;
      surplus += s < this.sensors ? Math.max(0, list.length - this.pillars) : list.length;
    }
    for (const [s, list] of pillars.slice(0, this.sensors).entries())
      for (const [p, at] of list!.slice(0, this.pillars).entries()) this.readPillar(s, p, at);
    return surplus;
  }

  private readPillar(sensor: number, pillar: number, at: number): void {
    const { values } = this;
    let level = (sensor * this.pillars + pillar) * values.length;
    for (const value of values) this.frame.values[level++] = this.view.getFloat32(at + 2 + 4 * value, true);
  }

  /** Positions that the list at `at` names, or undefined when it is too long or does not lie before `end`. */
  private readList(at: number, end: number, most: number): number[] | undefined {
    if (at + 2 > end) return undefined;
    const count = this.view.getUint16(at, true);
    if (count > most || at + 2 + count * offsetBytes > end) return undefined;
    return Array.from({ length: count }, (_, i) => at + this.view.getUint16(at + 2 + i * offsetBytes, true));
  }

  /** Notes a packet number; one that goes back says that the hub has started again. */
  private number(counter: number, sink: LevelSink): void {
    const missing = this.counter < 0 ? 0 : (counter - this.counter - 1) >>> 0;
    this.counter = counter;
    if (missing > 0 && missing < 0x8000_0000) sink.gap('frames', missing);
  }
}
