import { NetworkError } from '../network/errors.js';

/** A numeric array of an NPY file, row-major. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Uint8Array;
}

/** Largest number of values read from one file: 1 GiB of doubles would be a mistake, not a touch. */
const maxValues = 16 * 2 ** 20;

/**
 * Reads an NPY file (versions 1 to 3) of type `<f4`, `<f8`, `|u1` or `|b1` in C order. Python objects, which NumPy would
 * unpickle, are refused. Throws `NetworkError`.
 */
export function readNpy(bytes: Uint8Array): NpyArray {
  if (bytes.length < 12 || String.fromCharCode(...bytes.subarray(1, 6)) !== 'NUMPY' || bytes[0] !== 0x93)
    fail('no NPY signature');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = bytes[6]! >= 2;
  const headerStart = wide ? 12 : 10;
  const dataStart = headerStart + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  if (dataStart > bytes.length) fail('the header is cut off');
  const header = new TextDecoder('latin1').decode(bytes.subarray(headerStart, dataStart));
  const type = /'descr':\s*'([^']+)'/.exec(header)?.[1];
  const shapeText = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  if (type === undefined || shapeText === undefined) return fail('the header names no type or shape');
  if (!/'fortran_order':\s*False/.test(header)) fail('only C order is supported');
  const shape = shapeText
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
  const size = shape.reduce((a, b) => a * b, 1);
  if (size > maxValues) fail(`[${shape}] has more than ${maxValues} values`);
  const data = new Uint8Array(bytes.subarray(dataStart)); // a copy: slices of a Buffer share its memory, at any offset
  const bytesPerValue = { '<f4': 4, '<f8': 8, '|u1': 1, '|b1': 1 }[type];
  if (bytesPerValue === undefined) return fail(`type ${type} is not supported`);
  if (data.length !== size * bytesPerValue)
    fail(`[${shape}] of ${type} needs ${size * bytesPerValue} bytes, there are ${data.length}`);
  if (type === '<f4') return { shape, data: new Float32Array(data.buffer) };
  if (type === '<f8') return { shape, data: new Float64Array(data.buffer) };
  return { shape, data };
}

function fail(reason: string): never {
  throw new NetworkError(`not a readable NPY file: ${reason}`);
}
