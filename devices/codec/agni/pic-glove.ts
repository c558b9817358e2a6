import type { DiscardReason, LevelSink } from '../decoder.js';
import { LevelFrame } from '../level-frame.js';
import { WindowDecoder } from '../window-decoder.js';
import { gloveRest } from './protocol.js';

const packetBytes = 5;
/** Id of taxel 0. */
const firstId = 0x3c;
/** Taxels of the glove. */
export const picGloveTaxels = 64;

/**
 * Reads the older glove with a PIC: a packet of five bytes a taxel, `id 01 hi lo 00`; pressure = 4095 - 12 bits. The
 * last taxel completes a frame; one with a taxel missing is told as a gap and not handed on. Frames have the time of
 * arrival.
 */
export class PicGloveDecoder extends WindowDecoder<LevelSink> {
  private readonly frame = new LevelFrame(picGloveTaxels);
  /** Taxel that comes next in a frame without a gap; -1 while one is missing. */
  private next = -1;
  /** The beginning or the end of a frame has been seen: what is missing from now on is a loss. */
  private isAligned = false;
  /** Taxels have come since the last frame ended. */
  private isOpen = false;

  constructor() {
    super(packetBytes);
  }

  /** Levels of a frame. */
  get taxels(): number {
    return this.frame.length;
  }

  protected measure(bytes: Uint8Array, from: number, to: number): number {
    this.refusal = 'sync';
    const taxel = bytes[from]! - firstId;
    if (taxel < 0 || taxel >= picGloveTaxels) return -1;
    if (to - from < 2) return 0;
    if (bytes[from + 1] !== 0x01) return -1;
    if (to - from < packetBytes) return 0;
    return bytes[from + 4] === 0x00 ? packetBytes : -1;
  }

  protected take(
    bytes: Uint8Array,
    from: number,
    _to: number,
    sink: LevelSink,
    arrivalUs: number,
  ): DiscardReason | undefined {
    const taxel = bytes[from]! - firstId;
    if (taxel === 0) {
      if (this.isAligned && this.isOpen) sink.gap('frames', 1);
      this.isAligned = true;
      this.next = 0;
    }
    this.isOpen = true;
    this.next = taxel === this.next ? taxel + 1 : -1;
    this.frame.values[taxel] = gloveRest - (((bytes[from + 2]! & 0x0f) << 8) | bytes[from + 3]!);
    if (taxel < picGloveTaxels - 1) return undefined;
    if (this.next === picGloveTaxels) sink.levels(this.frame.arrived(arrivalUs));
    else if (this.isAligned) sink.gap('frames', 1);
    this.isAligned = true;
    this.isOpen = false;
    this.next = -1;
    return undefined;
  }

  protected forget(): void {
    this.frame.forget();
    this.next = -1;
    this.isAligned = false;
    this.isOpen = false;
  }
}
