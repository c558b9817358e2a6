/** Encoders of the sensors that drivers read, as their firmware would send: for tests and fuzzing. */
import { recordBytes, type TimestampBits } from '../../devices/codec/edvs/records.js';

export interface PixelEvent {
  readonly x: number;
  readonly y: number;
  /** The bit as it stands on the wire. */
  readonly bit: number;
  /** Microseconds, taken modulo the turn of the counter. */
  readonly tUs: number;
}

/** Records of an eDVS. */
export function edvsRecords(bits: TimestampBits, events: readonly PixelEvent[]): Uint8Array {
  const stride = recordBytes(bits);
  const bytes = new Uint8Array(stride * events.length);
  for (const [i, { x, y, bit, tUs }] of events.entries()) {
    bytes[i * stride] = 0x80 | y;
    bytes[i * stride + 1] = (bit << 7) | x;
    let time = tUs % 2 ** bits;
    for (let at = i * stride + stride - 1; at > i * stride + 1; at--) {
      bytes[at] = time & 0xff;
      time = Math.floor(time / 256);
    }
  }
  return bytes;
}

/** A FlexiTac frame. */
export function flexitacFrame(values: readonly number[]): Uint8Array {
  return Uint8Array.of(0xaa, 0x55, ...values);
}

/** A frame of 3D-ViTac: a line a row, each value followed by a space, then an empty line. */
export function vitacFrame(rows: readonly (readonly number[])[]): Uint8Array {
  return text(`${rows.map((row) => `${row.map((value) => `${value} `).join('')}\r\n`).join('')}\r\n`);
}

export function text(characters: string): Uint8Array {
  return new TextEncoder().encode(characters);
}

/** A frame of AnySkin: t, x, y, z by magnetometer. */
export function anyskinFrame(chips: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.of(...floats(chips.flat()), 0x0d, 0x0a);
}

/** A frame of a Contactile hub: its block, those of the pillars (by sensor, pillar, six values) and the global one. */
export function ptsFrame(
  counter: number,
  tUs: number,
  sensors: readonly (readonly (readonly number[])[])[],
): Uint8Array {
  const hub = [...u32(counter), ...u32(tUs % 2 ** 32), ...u32(Math.floor(tUs / 2 ** 32))];
  const vector = (values: readonly number[]): number[] => [...u16(2), ...floats(values)];
  const pillars = list(sensors.map((sensor) => list(sensor.map(vector))));
  const global = list(sensors.map((sensor) => vector(sensor[0] ?? [0, 0, 0, 0, 0, 0])));
  const index = 1 + 3 * 4;
  const offsets = [index, index + hub.length, index + hub.length + pillars.length];
  const types = [1, 3, 4];
  const body = [
    2,
    ...types.flatMap((type, i) => [...u16(type), ...u16(offsets[i]!)]),
    ...hub,
    ...pillars,
    ...global,
  ];
  const sum = body.reduce((a, b) => a + b, 0) & 0xffff;
  return Uint8Array.of(0x55, 0x66, 0x77, 0x88, ...body, ...u16(sum), 0xaa, 0xbb, 0xcc, 0xdd);
}

/** A datagram of the AGNI protocol: what stands between the mark and the check value. */
export function agniDatagram(id: number, body: readonly number[]): Uint8Array {
  const bytes = [0xf0, 0xc4, id, ...body];
  return Uint8Array.of(
    ...bytes,
    bytes.reduce((a, b) => a ^ b, 0),
  );
}

/** The answer to the question for the configuration: sensors as [type, bytes of data]. */
export function agniConfig(sensors: readonly (readonly [number, number])[]): Uint8Array {
  return agniDatagram(0, [
    2,
    7,
    sensors.length,
    ...sensors.flatMap(([type, bytes]) => [...u16(type), ...u16(bytes)]),
  ]);
}

/** Data of a glove, values as the converter gives them. */
export function gloveDatagram(ticks: number, values: readonly number[]): Uint8Array {
  return agniDatagram(1, [
    ...u32(ticks),
    ...values.flatMap((value, taxel) => [taxel, ...u16(value | 0x1000)]),
  ]);
}

/** A frame of the older glove. */
export function picFrame(values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value, taxel) => [0x3c + taxel, 1, value >> 8, value & 0xff, 0]));
}

/** A skin event of the iCub; time in ticks. */
export function skinRecord(time: number, device: number, taxel: number, polarity: number): Uint8Array {
  return Uint8Array.of(...u32(time % 2 ** 31), ...u32(0x0100_0000 | (device << 5) | (taxel << 1) | polarity));
}

/** A list as the hub nests them: how many, their offsets from the beginning of the list, and they themselves. */
function list(items: readonly (readonly number[])[]): number[] {
  let offset = 2 + 2 * items.length;
  const offsets = items.flatMap((item) => {
    const at = offset;
    offset += item.length;
    return u16(at);
  });
  return [...u16(items.length), ...offsets, ...items.flat()];
}

function u16(value: number): number[] {
  return [value & 0xff, (value >> 8) & 0xff];
}

function u32(value: number): number[] {
  return [...u16(value & 0xffff), ...u16(value >>> 16)];
}

function floats(values: readonly number[]): number[] {
  return [...new Uint8Array(Float32Array.from(values).buffer)];
}
