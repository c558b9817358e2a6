import type { Decoder, DecoderSink, DiscardReason } from './decoder.js';

/** Useless bytes are reported in pieces of this size, however they were cut. */
const pieceBytes = 512;

/**
 * The common half of decoders whose frames are found by their look and not by a delimiter: it keeps the bytes that
 * are not decided yet, asks `measure` what stands at their beginning, and accounts for every byte.
 *
 * What `measure` decides must follow from the bytes at the beginning alone, not from how many more are there already:
 * then the calls do not depend on the cut. A run of useless bytes is one report, under the reason that began it, once
 * a frame follows or `pieceBytes` are together; until then they count as `buffered`.
 *
 * Memory: `capacity` bytes, and the time of arrival of each, so that a frame that is recognised late still has the
 * time at which its own last byte came.
 */
export abstract class WindowDecoder<Sink extends DecoderSink> implements Decoder<Sink> {
  accepted = 0;
  /** Why `measure` refused; set it before returning a negative number. */
  protected refusal: DiscardReason = 'sync';
  /** The bytes that `measure` and `take` are given, to read numbers of several bytes from. */
  protected readonly view: DataView;
  private readonly bytes: Uint8Array;
  private readonly arrivals: Float64Array;
  private from = 0;
  private to = 0;
  /** Bytes thrown away and not reported yet, and why this run of them began. */
  private useless = 0;
  private why: DiscardReason | undefined;

  /** @param longest most bytes that `measure` needs to decide */
  constructor(private readonly longest: number) {
    const capacity = 2 * longest + 2 * pieceBytes;
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
    this.arrivals = new Float64Array(capacity);
  }

  get buffered(): number {
    return this.to - this.from + this.useless;
  }

  push(chunk: Uint8Array, sink: Sink, arrivalUs: number): void {
    for (let at = 0; at < chunk.length; ) {
      const room = this.makeRoom(chunk.length - at);
      const piece = chunk.subarray(at, at + room);
      this.bytes.set(piece, this.to);
      this.arrivals.fill(arrivalUs, this.to, this.to + piece.length);
      this.to += piece.length;
      at += piece.length;
      this.decide(sink);
    }
    this.flush(sink);
  }

  reset(sink: Sink): void {
    this.report(sink);
    this.flush(sink);
    if (this.to > this.from) sink.discard('partial', this.to - this.from);
    this.from = 0;
    this.to = 0;
    this.forget();
  }

  /**
   * What stands at `from`: a frame of so many bytes (> 0), so many useless bytes (< 0), or not to be told before more
   * bytes than those up to `to` are there (0).
   */
  protected abstract measure(bytes: Uint8Array, from: number, to: number): number;

  /** Hands on the frame that `measure` found; returns what is wrong with it, before anything was handed on. */
  protected abstract take(
    bytes: Uint8Array,
    from: number,
    to: number,
    sink: Sink,
    arrivalUs: number,
  ): DiscardReason | undefined;

  /** The link is gone: forget what was known of it. */
  protected abstract forget(): void;

  /** Hands on what was kept back of the frames taken: called before anything else is told, and when a chunk ends. */
  protected flush(_sink: Sink): void {}

  /** Sees the useless bytes. */
  protected pass(_bytes: Uint8Array, _from: number, _to: number, _sink: Sink): void {}

  /** Room for some of `wanted` bytes behind those that are kept; never none, since `measure` decides `longest` bytes. */
  private makeRoom(wanted: number): number {
    const { bytes, arrivals, from, to } = this;
    if (from > 0 && bytes.length - to < wanted) {
      bytes.copyWithin(0, from, to);
      arrivals.copyWithin(0, from, to);
      this.from = 0;
      this.to = to - from;
    }
    return bytes.length - this.to;
  }

  private decide(sink: Sink): void {
    while (this.from < this.to) {
      let length = this.measure(this.bytes, this.from, this.to);
      if (length === 0) {
        if (this.to - this.from < this.longest) return;
        this.refusal = 'oversize';
        length = -1;
      }
      if (length > 0) this.hand(length, sink);
      else this.refuse(-length, this.refusal, sink);
    }
  }

  private hand(length: number, sink: Sink): void {
    const { bytes, from } = this;
    const to = from + length;
    this.report(sink);
    const damage = this.take(bytes, from, to, sink, this.arrivals[to - 1]!);
    this.from = to;
    if (damage === undefined) this.accepted += length;
    else this.discard(damage, length, sink);
  }

  private refuse(count: number, reason: DiscardReason, sink: Sink): void {
    this.pass(this.bytes, this.from, this.from + count, sink);
    this.from += count;
    this.why ??= reason;
    this.useless += count;
    for (; this.useless >= pieceBytes; this.useless -= pieceBytes) this.discard(this.why, pieceBytes, sink);
  }

  private report(sink: Sink): void {
    if (this.useless > 0) this.discard(this.why!, this.useless, sink);
    this.useless = 0;
    this.why = undefined;
  }

  private discard(reason: DiscardReason, bytes: number, sink: Sink): void {
    this.flush(sink);
    sink.discard(reason, bytes);
  }
}

/** Bytes from `from` to the first `byte` at or behind it, or to `to` when there is none. */
export function distanceTo(byte: number, bytes: Uint8Array, from: number, to: number): number {
  const at = bytes.indexOf(byte, from);
  return (at < 0 || at > to ? to : at) - from;
}
