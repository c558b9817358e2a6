/** Unsigned 32-bit LEB128: seven bits a byte, least significant first, bit 7 set on all but the last; 1 to 5 bytes. */
export const maxVarintLength = 5;

/** Bytes that the encoding of `value` (0 .. 2^32-1) takes. */
export function varintLength(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : 5;
}

/** Writes `value` (0 .. 2^32-1) to `out` from `at` on and returns the place after it. */
export function writeVarint(value: number, out: Uint8Array, at: number): number {
  while (value > 0x7f) {
    out[at++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  out[at++] = value;
  return at;
}

/** A reading position in a block of bytes: `at` moves, and `failed` tells that a varint was cut short or too large. */
export class VarintCursor {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;
  failed = false;

  /** Starts at `from` of `bytes`; nothing at or after `end` is read. */
  begin(bytes: Uint8Array, from: number, end: number): void {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
    this.failed = false;
  }

  /** The next value, 0 .. 2^32-1; 0 with `failed` set when there is none. */
  next(): number {
    let value = 0;
    let weight = 1;
    for (let i = 0; i < maxVarintLength; i++) {
      if (this.at >= this.end) break;
      const byte = this.bytes[this.at++]!;
      value += (byte & 0x7f) * weight;
      if (byte < 0x80) {
        if (value <= 0xffff_ffff) return value;
        break;
      }
      weight *= 0x80;
    }
    this.failed = true;
    return 0;
  }
}

/** Signed to unsigned so that small magnitudes stay small: 0, -1, 1, -2 become 0, 1, 2, 3. */
export function zigZag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

/** The inverse of `zigZag`: -2^31 .. 2^31-1. */
export function unZigZag(value: number): number {
  return (value >>> 1) ^ -(value & 1);
}
