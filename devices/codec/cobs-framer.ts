import { cobsDecode } from './cobs.js';

/** Receives what a `CobsFramer` finds. `bytes` counts wire bytes, delimiter included. */
export interface FrameHandler {
  /** A decoded frame: `content[0 .. length)`, valid during the call. */
  frame(content: Uint8Array, length: number, bytes: number): void;
  /** A delimiter without a frame before it: legal fill. */
  idle(): void;
  /** Bytes up to a delimiter (or a piece of an endless run of bytes) that are no frame. */
  broken(reason: 'cobs' | 'oversize', bytes: number): void;
}

/** Wire bytes without a delimiter at which a frame is given up. */
export const maxFrameBytes = 512;

/** Bytes after the content that a reader may touch without leaving the buffer (the longest varint). */
const slack = 8;

/**
 * Cuts a stream at its 0x00 delimiters and undoes the byte stuffing. Errors end at the next delimiter and nowhere else.
 * A frame that lies whole in a chunk is decoded from there, the pieces of a cut one are held first: at most
 * `maxFrameBytes`. The chunks are not changed.
 */
export class CobsFramer {
  private readonly content = new Uint8Array(maxFrameBytes + slack);
  private readonly pieces = new Uint8Array(maxFrameBytes);
  /** Bytes since the last delimiter (or since the last report of an endless run). */
  private held = 0;
  /** Skipping to the next delimiter. */
  private lost = false;

  /** Wire bytes of the unfinished frame. */
  get buffered(): number {
    return this.held;
  }

  /** Drops the unfinished frame and returns its wire bytes. */
  reset(): number {
    const bytes = this.held;
    this.held = 0;
    this.lost = false;
    return bytes;
  }

  push(chunk: Uint8Array, handler: FrameHandler): void {
    let from = 0;
    while (from < chunk.length) {
      const end = chunk.indexOf(0, from);
      if (end < 0) {
        this.hold(chunk, from, chunk.length, handler);
        return;
      }
      if (this.held > 0 || this.lost || end - from >= maxFrameBytes) {
        this.hold(chunk, from, end, handler);
        this.finish(handler);
      } else {
        this.decode(chunk, from, end, handler);
      }
      from = end + 1;
    }
  }

  private hold(chunk: Uint8Array, from: number, to: number, handler: FrameHandler): void {
    while (from < to) {
      const end = Math.min(to, from + maxFrameBytes - this.held);
      if (!this.lost) this.pieces.set(chunk.subarray(from, end), this.held);
      this.held += end - from;
      from = end;
      if (this.held === maxFrameBytes) {
        this.held = 0;
        this.lost = true;
        handler.broken('oversize', maxFrameBytes);
      }
    }
  }

  private finish(handler: FrameHandler): void {
    const lost = this.lost;
    const bytes = this.reset();
    if (lost) handler.broken('oversize', bytes + 1);
    else this.decode(this.pieces, 0, bytes, handler);
  }

  private decode(bytes: Uint8Array, from: number, to: number, handler: FrameHandler): void {
    const length = cobsDecode(bytes, from, to, this.content);
    if (from === to) handler.idle();
    else if (length < 0) handler.broken('cobs', to - from + 1);
    else handler.frame(this.content, length, to - from + 1);
  }
}
