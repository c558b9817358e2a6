import type { Geometry } from './geometry.js';

/**
 * The 32-bit name by which a device says in its HELLO which geometry it has: CRC-32 of the canonical JSON (sorted
 * keys, no spaces) of `{id, taxels: [{p: [x, y, z], raw}], unit}`.
 *
 * Location orders are left out: they are the host's choice, and a new one must not make deployed devices unknown.
 */
export function geometryId(geometry: Geometry): number {
  const { id, unit } = geometry;
  const taxels = geometry.taxels.map(({ x, y, z, raw }) => ({ p: [x, y, z], raw }));
  return crc32(new TextEncoder().encode(canonicalJson({ id, unit, taxels })));
}

/**
 * JSON with the keys of every object sorted and no white space. Arrays keep their order; numbers are written as
 * JavaScript writes them (shortest form that reads back the same; -0 as 0). Undefined members are left out.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/** CRC-32 (ISO 3309: reflected polynomial EDB88320, initial value and final xor FFFFFFFF), as an unsigned number. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
