/** Records of the eDVS family: `1yyyyyyy pxxxxxxx`, then a big-endian timestamp of 0, 2, 3 or 4 bytes in microseconds. */

/** Bits of the timestamp: E0, E2, E3 and E4 of newer firmware; older firmware calls 16, 24 and 32 bits E1, E2 and E3. */
export const timestampBits = [0, 16, 24, 32] as const;
export type TimestampBits = (typeof timestampBits)[number];

/** Pixels along either side. */
export const edvsSide = 128;

/** Bytes of a record. */
export function recordBytes(bits: TimestampBits): number {
  return 2 + bits / 8;
}

/** The timestamp of the record at `at`, as the counter stands in it; 0 without one. */
export function timestampAt(bytes: Uint8Array, at: number, bits: TimestampBits): number {
  let value = 0;
  for (let i = 2; i < 2 + bits / 8; i++) value = value * 256 + bytes[at + i]!;
  return value;
}

/** Whether a counter that stood at `before` may stand at `after` next: less than half a turn on. */
export function isLater(before: number, after: number, bits: TimestampBits): boolean {
  const turn = 2 ** bits;
  return (after - before + turn) % turn < turn / 2;
}

/**
 * Which timestamps the records from `from` to `to` have, or undefined when none or more than one kind fits. A kind fits
 * when bit 7 of every record's first byte is set and its timestamps go forward, and on: a pixel that fires again and
 * again without timestamps would otherwise look like a clock that stands still.
 */
export function probeTimestamps(bytes: Uint8Array, from: number, to: number): TimestampBits | undefined {
  const found = timestampBits.filter((bits) => {
    const stride = recordBytes(bits);
    for (let phase = 0; phase < stride; phase++) if (fits(bytes, from + phase, to, bits)) return true;
    return false;
  });
  // Timestamps whose upper bits stay set look like addresses: what has a clock that runs is not without one.
  const clocked = found.filter((bits) => bits > 0);
  const candidates = clocked.length > 0 ? clocked : found;
  return candidates.length === 1 ? candidates[0] : undefined;
}

function fits(bytes: Uint8Array, from: number, to: number, bits: TimestampBits): boolean {
  const stride = recordBytes(bits);
  let last = -1;
  let advanced = bits === 0;
  for (let at = from; at + stride <= to; at += stride) {
    if (bytes[at]! < 0x80) return false;
    if (bits === 0) continue;
    const time = timestampAt(bytes, at, bits);
    if (last >= 0 && !isLater(last, time, bits)) return false;
    if (last >= 0 && time !== last) advanced = true;
    last = time;
  }
  return advanced;
}
