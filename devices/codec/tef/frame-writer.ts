import { cobsEncode, cobsMaxLength } from '../cobs.js';
import { crc16 } from '../crc16.js';
import { writeVarint } from '../varint.js';
import { crcLength, headerLength, maxFrameContent, tefVersion } from './messages.js';

/**
 * Builds TEF frames field by field, numbers them, and collects their wire bytes: COBS(payload, CRC-16) 00.
 *
 * A field that does not fit into the frame is a mistake of the caller (a RangeError at `end`); callers that split
 * their content over several frames ask `room` first.
 */
export class FrameWriter {
  private readonly content = new Uint8Array(maxFrameContent + 8);
  private length = 0;
  private out = new Uint8Array(1024);
  private outLength = 0;
  private seq = 0;

  /** Payload bytes that are still free in the open frame when its whole wire form may take `frameBytes`. */
  room(frameBytes: number): number {
    return frameBytes - 2 - crcLength - this.length;
  }

  begin(type: number): void {
    this.content[0] = (tefVersion << 4) | type;
    this.content[1] = this.seq & 0xff;
    this.content[2] = this.seq >> 8;
    this.length = headerLength;
    this.seq = (this.seq + 1) & 0xffff;
  }

  u8(value: number): void {
    this.content[this.length++] = value;
  }

  u16(value: number): void {
    this.u8(value & 0xff);
    this.u8((value >>> 8) & 0xff);
  }

  u32(value: number): void {
    this.u16(value & 0xffff);
    this.u16((value >>> 16) & 0xffff);
  }

  /** `value` is a whole number, 0 .. 2^53-1. */
  u64(value: number): void {
    this.u32(value % 0x1_0000_0000);
    this.u32(Math.floor(value / 0x1_0000_0000));
  }

  varint(value: number): void {
    this.length = writeVarint(value, this.content, this.length);
  }

  bytes(values: Uint8Array): void {
    if (this.length + values.length <= this.content.length) this.content.set(values, this.length);
    this.length += values.length;
  }

  /** Closes the open frame and appends its wire bytes to what `take` will return. */
  end(): void {
    const total = this.length + crcLength;
    if (total > maxFrameContent)
      throw new RangeError(
        `a TEF frame holds ${maxFrameContent} bytes with its CRC, this one needs ${total}`,
      );
    this.u16(crc16(this.content, 0, this.length));
    this.reserve(cobsMaxLength(this.length) + 1);
    const end = cobsEncode(this.content, this.length, this.out, this.outLength);
    this.out[end] = 0;
    this.outLength = end + 1;
  }

  /** The wire bytes of all frames since the last call, in an array of their own. */
  take(): Uint8Array {
    const bytes = this.out.slice(0, this.outLength);
    this.outLength = 0;
    return bytes;
  }

  private reserve(more: number): void {
    const needed = this.outLength + more;
    if (needed <= this.out.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.out.length));
    larger.set(this.out.subarray(0, this.outLength));
    this.out = larger;
  }
}
