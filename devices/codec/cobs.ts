/**
 * Consistent Overhead Byte Stuffing (Cheshire and Baker, SIGCOMM 1997): a block without zero bytes, so that 0x00 can
 * end a frame. Every code byte c stands for c-1 bytes that follow it and, unless c is 0xff, one zero after them.
 */

/** Most bytes that `n` bytes can grow to, without the delimiter. */
export function cobsMaxLength(n: number): number {
  return n + Math.floor(n / 254) + 1;
}

/**
 * Writes the encoding of `bytes[0 .. length)` to `out` from `at` on and returns the place after it. No delimiter is
 * written. `out` must have room for `cobsMaxLength(length)` bytes and must not overlap `bytes`.
 */
export function cobsEncode(bytes: Uint8Array, length: number, out: Uint8Array, at: number): number {
  let code = at++;
  for (let i = 0; i < length; i++) {
    const byte = bytes[i]!;
    if (byte !== 0) out[at++] = byte;
    if (byte === 0 || (at - code === 0xff && i + 1 < length)) {
      out[code] = at - code;
      code = at++;
    }
  }
  out[code] = at - code;
  return at;
}

/**
 * Decodes the block `bytes[from .. to)`, which has no delimiter in it, to `out` from 0 on and returns the decoded
 * length, or -1 when it ends in the middle of a run. `out` must have room for `to - from` bytes; `bytes` stays as it is.
 *
 * As long as no code is 0xff each code byte but the first stands where a zero belongs: the whole block is copied at
 * once, and one step a zero, from code to code, writes them.
 */
export function cobsDecode(bytes: Uint8Array, from: number, to: number, out: Uint8Array): number {
  if (from >= to) return -1;
  const start = from + 1;
  out.set(bytes.subarray(start, to));
  let at = start;
  let removed = 0;
  for (;;) {
    const code = bytes[at - 1]!;
    const end = at + code - 1;
    if (removed > 0) out.copyWithin(at - start - removed, at - start, Math.min(end, to) - start);
    if (end >= to) return end === to ? to - start - removed : -1;
    if (code === 0xff) removed++;
    else out[end - start - removed] = 0;
    at = end + 1;
  }
}
