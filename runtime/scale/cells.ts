import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** Cells of a window as bytes. */
export interface PackedCells {
  readonly count: number;
  readonly bytes: Uint8Array;
  /** Whether the bytes are compressed (RFC 1951); only where that makes them fewer. */
  readonly deflated: boolean;
}

/** A 32-bit number takes so many bytes at most. */
const MAX_VARINT_BYTES = 5;
/** Fewer bytes are not worth a try. */
const MIN_TO_DEFLATE = 64;

/** Packs ascending cells: the first, then the distance of each from the one before, seven bits a byte, lowest first. */
export function packCells(cells: Uint32Array): PackedCells {
  const bytes = new Uint8Array(cells.length * MAX_VARINT_BYTES);
  let at = 0;
  let before = 0;
  for (const cell of cells) {
    let distance = cell - before;
    before = cell;
    for (; distance > 0x7f; distance >>>= 7) bytes[at++] = (distance & 0x7f) | 0x80;
    bytes[at++] = distance;
  }
  const plain = bytes.slice(0, at);
  const count = cells.length;
  if (at < MIN_TO_DEFLATE) return { count, bytes: plain, deflated: false };
  const smaller = deflateRawSync(plain);
  return smaller.length < at
    ? { count, bytes: smaller, deflated: true }
    : { count, bytes: plain, deflated: false };
}

/**
 * Unpacks the cells of a window that has `size` cells in all; takes no more memory than such a window needs, whatever the
 * bytes are. Throws RangeError for what `packCells` cannot have made.
 */
export function unpackCells({ count, bytes, deflated }: PackedCells, size: number): Uint32Array<ArrayBuffer> {
  if (count > size) throw new RangeError(`${count} cells in a window of ${size}`);
  const plain = deflated ? inflate(bytes, count * MAX_VARINT_BYTES) : bytes;
  const cells = new Uint32Array(count);
  let at = 0;
  let cell = 0;
  for (let i = 0; i < count; i++) {
    let distance = 0;
    let factor = 1;
    let byte: number;
    do {
      if (at >= plain.length || factor > 2 ** 28) throw new RangeError(`cell ${i} is cut off or too long`);
      byte = plain[at++]!;
      distance += (byte & 0x7f) * factor;
      factor *= 128;
    } while (byte > 0x7f);
    if (distance === 0 && i > 0) throw new RangeError(`cell ${i} is not above the one before it`);
    cell += distance;
    if (cell >= size) throw new RangeError(`cell ${cell} lies outside a window of ${size} cells`);
    cells[i] = cell;
  }
  if (at !== plain.length) throw new RangeError(`${plain.length - at} bytes follow the last cell`);
  return cells;
}

function inflate(bytes: Uint8Array, maxBytes: number): Uint8Array {
  try {
    return inflateRawSync(bytes, { maxOutputLength: Math.max(1, maxBytes) });
  } catch (error) {
    throw new RangeError(`compressed cells cannot be read: ${(error as Error).message}`);
  }
}
