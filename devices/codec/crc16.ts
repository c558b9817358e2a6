/**
 * CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xffff, no reflection, no final xor; of "123456789" it is 0x29b1.
 *
 * Computed four bytes at a time ("slicing by 4"): `table[256 * k + b]` is what byte b, followed by k zero bytes, does
 * to the remainder, so four independent look-ups replace a chain of four dependent ones.
 */
const table = new Uint16Array(4 * 256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  table[byte] = crc;
}
for (let i = 256; i < table.length; i++) {
  const shorter = table[i - 256]!;
  table[i] = (shorter << 8) ^ table[shorter >> 8]!;
}

/** CRC of bytes `from` (inclusive) to `to` (exclusive), 0 .. 0xffff; `crc` continues an earlier one. */
export function crc16(bytes: Uint8Array, from = 0, to = bytes.length, crc = 0xffff): number {
  let i = from;
  for (const last = to - 3; i < last; i += 4) {
    const high = (crc >> 8) ^ bytes[i]!;
    const low = (crc & 0xff) ^ bytes[i + 1]!;
    crc = table[768 + high]! ^ table[512 + low]! ^ table[256 + bytes[i + 2]!]! ^ table[bytes[i + 3]!]!;
  }
  for (; i < to; i++) crc = ((crc << 8) & 0xffff) ^ table[(crc >> 8) ^ bytes[i]!]!;
  return crc;
}
