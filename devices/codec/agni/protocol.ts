/** AGNI serial protocol: `F0 C4`, datagram id, body, xor of all bytes before. */

export const agniMark = [0xf0, 0xc4] as const;
/** Ids of datagrams from the device: 1 .. 0xC9 are data of its sensors, in the order of its configuration. */
export const AgniId = { config: 0x00, firstData: 0x01, lastData: 0xc9, error: 0xfe } as const;

/** Exclusive or of bytes[from .. to). */
export function xorOf(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) value ^= bytes[at]!;
  return value;
}

/** What a host may ask for. */
export const agniCommands = {
  config: () => command(0x00, 0xc0),
  serial: () => command(0x00, 0xc2),
  topology: () => command(0x00, 0xc1),
  start: () => command(0x00, 0xf1),
  stop: () => command(0x00, 0x00),
} as const;

function command(id: number, code: number): Uint8Array {
  const bytes = Uint8Array.of(...agniMark, id, code, 0);
  bytes[4] = xorOf(bytes, 0, 4);
  return bytes;
}

/** A taxel of the glove in three bytes: its number, then 12 bits of value and 4 of the converter's channel. */
export const gloveTaxelBytes = 3;

/** Value of a taxel that nothing touches; pressure lowers it. */
export const gloveRest = 4095;
