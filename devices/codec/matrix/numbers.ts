const zero = 0x30;
const point = 0x2e;
const minus = 0x2d;
const plus = 0x2b;

/**
 * Reads decimal numbers (sign, digits, a fraction; no exponent) with separators between and around them from
 * bytes[from .. to) into values[at .. at + count). False when there are not exactly `count` of them, something else
 * stands there, or one lies outside 0 .. `max` (with `max` Infinity: any number). Each pass over a byte is one step.
 */
export function parseNumbers(
  bytes: Uint8Array,
  from: number,
  to: number,
  isSeparator: Uint8Array,
  values: Float64Array,
  at: number,
  count: number,
  max: number,
): boolean {
  const bounded = max !== Number.POSITIVE_INFINITY;
  let found = 0;
  for (let i = from; i < to; ) {
    if (isSeparator[bytes[i]!] === 1) {
      i++;
      continue;
    }
    if (found === count) return false;
    const negative = bytes[i] === minus;
    if (negative || bytes[i] === plus) i++;
    let value = 0;
    let digits = 0;
    let scale = 0;
    for (; i < to && isSeparator[bytes[i]!] === 0; i++) {
      const byte = bytes[i]!;
      if (byte === point && scale === 0) {
        scale = 1;
        continue;
      }
      const digit = byte - zero;
      if (digit < 0 || digit > 9) return false;
      value = value * 10 + digit;
      digits++;
      if (scale > 0) scale *= 10;
    }
    if (digits === 0 || digits > 15) return false;
    if (scale > 1) value /= scale;
    if (negative) value = -value;
    if (bounded && !(value >= 0 && value <= max)) return false;
    values[at + found] = value;
    found++;
  }
  return found === count;
}
