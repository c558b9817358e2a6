import type { DiscardReason, LevelSink } from './decoder.js';
import { LevelFrame } from './level-frame.js';
import { WindowDecoder } from './window-decoder.js';

/** What a magnetometer sends, in the order of the wire: temperature, then the field along three axes. */
export const anyskinAxes = ['t', 'x', 'y', 'z'] as const;
export type AnyskinAxis = (typeof anyskinAxes)[number];

export interface AnyskinDecoderOptions {
  /** Magnetometers, 1 .. 64. Default 5. */
  readonly chips?: number;
  /** Which values become levels: level chip * axes + i is axis i of the list. Default x, y and z. */
  readonly axes?: readonly AnyskinAxis[];
  /** A field beyond this, either way, is no measurement, in the unit of the firmware. Default 50000: 50 mT in microtesla. */
  readonly fieldLimit?: number;
}

const bytesPerChip = 16;
/** Frames in a row that must look right before the first counts. */
const lockFrames = 3;
/** Range of a temperature that is one, degrees Celsius. */
const coldest = -20;
const hottest = 90;

/**
 * Reads the binary frames of AnySkin and ReSkin: for each magnetometer t, x, y, z as little-endian floats, then CR LF.
 * Nothing marks the beginning, and the floats may have a CR LF in them: frames count once three in a row end where they
 * should and hold what can have been measured; one that does not ends that.
 */
export class AnyskinDecoder extends WindowDecoder<LevelSink> {
  private readonly frame: LevelFrame;
  private readonly chips: number;
  /** Offset in the four values of a magnetometer, by level. */
  private readonly axes: readonly number[];
  private readonly fieldLimit: number;
  private readonly frameBytes: number;
  private isLocked = false;

  /** Throws RangeError for an option out of its range. */
  constructor(options: AnyskinDecoderOptions = {}) {
    const { chips = 5, axes = ['x', 'y', 'z'], fieldLimit = 50_000 } = options;
    if (!(Number.isInteger(chips) && chips >= 1 && chips <= 64))
      throw new RangeError(`chips is ${chips}; it must be a whole number in 1 .. 64`);
    if (axes.length === 0) throw new RangeError('axes is empty; name one or more of t, x, y, z');
    const frameBytes = chips * bytesPerChip + 2;
    super(lockFrames * frameBytes);
    this.chips = chips;
    this.axes = axes.map((axis) => anyskinAxes.indexOf(axis));
    this.fieldLimit = fieldLimit;
    this.frameBytes = frameBytes;
    this.frame = new LevelFrame(chips * axes.length);
  }

  /** Levels of a frame. */
  get taxels(): number {
    return this.frame.length;
  }

  protected measure(bytes: Uint8Array, from: number, to: number): number {
    this.refusal = 'sync';
    const { frameBytes } = this;
    for (let i = 0; i < (this.isLocked ? 1 : lockFrames); i++) {
      const start = from + i * frameBytes;
      if (start + frameBytes > to) return 0;
      if (this.isFrame(bytes, start)) continue;
      this.isLocked = false;
      return -1;
    }
    this.isLocked = true;
    return frameBytes;
  }

  protected take(
    _bytes: Uint8Array,
    from: number,
    _to: number,
    sink: LevelSink,
    arrivalUs: number,
  ): DiscardReason | undefined {
    const { values } = this.frame;
    let level = 0;
    for (let chip = 0; chip < this.chips; chip++)
      for (const axis of this.axes)
        values[level++] = this.view.getFloat32(from + chip * bytesPerChip + axis * 4, true);
    sink.levels(this.frame.arrived(arrivalUs));
    return undefined;
  }

  protected forget(): void {
    this.frame.forget();
    this.isLocked = false;
  }

  private isFrame(bytes: Uint8Array, from: number): boolean {
    const end = from + this.frameBytes;
    if (bytes[end - 2] !== 0x0d || bytes[end - 1] !== 0x0a) return false;
    for (let at = from; at < end - 2; at += bytesPerChip) {
      const t = this.view.getFloat32(at, true);
      if (!(t >= coldest && t <= hottest)) return false;
      for (let axis = 1; axis <= 3; axis++)
        if (!(Math.abs(this.view.getFloat32(at + 4 * axis, true)) < this.fieldLimit)) return false;
    }
    return true;
  }
}
