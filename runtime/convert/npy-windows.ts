/**
 * Windows of bins as `sample_<i>_label_<k>.npy` in a folder, the layout of Ev-Objects and Ev-Containers: float32
 * [taxels, 2 (ON, OFF), bins], 1 where there was an event. A recording is cut into windows end to end.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RecordingAbout, RecordingError, type RecordingWriter } from '../../devices/index.js';

export interface NpyOptions {
  readonly bins: number;
  readonly binUs: number;
  /** Class of all windows. */
  readonly label: number;
  /** Number of the first window. */
  readonly first: number;
}

/** Most cells of a window: what a mistake in its length must not exceed. */
const mostCells = 16 * 2 ** 20;

/** A writer, which also tells how many windows it has written. Throws RecordingError for a shape that cannot be. */
export function writeNpyWindows(
  folder: string,
  about: RecordingAbout,
  { bins, binUs, label, first }: NpyOptions,
): RecordingWriter & { readonly written: number } {
  const { taxels, originS, sensor } = about;
  if (taxels === undefined)
    throw new RecordingError(
      'npy files have a row a taxel, and the input does not say how many: give --taxels',
    );
  if (taxels * 2 * bins > mostCells)
    throw new RecordingError(
      `a window of ${taxels} taxels and ${bins} bins is larger than ${mostCells} cells`,
    );
  const windowUs = bins * binUs;
  const cells = new Float32Array(taxels * 2 * bins);
  let window = 0;
  let isEmpty = true;
  let written = 0;
  let merged = 0;
  const flush = async (): Promise<void> => {
    await mkdir(folder, { recursive: true });
    await writeFile(
      join(folder, `sample_${first + written}_label_${label}.npy`),
      npyBytes([taxels, 2, bins], cells),
    );
    written++;
    cells.fill(0);
    isEmpty = true;
  };
  return {
    get written() {
      return written;
    },
    async write({ tUs, taxel, polarity, length }) {
      for (let i = 0; i < length; i++) {
        const index = Math.floor(tUs[i]! / windowUs);
        if (taxel[i]! >= taxels) throw new RecordingError(`taxel ${taxel[i]} is not within 0..${taxels - 1}`);
        if (index > window && !isEmpty) await flush();
        window = index;
        const bin = Math.min(bins - 1, Math.floor((tUs[i]! - index * windowUs) / binUs));
        const cell = (taxel[i]! * 2 + (polarity[i] === 1 ? 0 : 1)) * bins + bin;
        merged += cells[cell]!;
        cells[cell] = 1;
        isEmpty = false;
      }
    },
    async end() {
      if (!isEmpty) await flush();
      const what = sensor === undefined ? '' : `, nor ${sensor}`;
      return [
        `npy does not hold times within a bin of ${binUs / 1000} ms, nor windows without events${what}`,
        ...(merged === 0
          ? []
          : [`${merged} events fell into a bin with another of their taxel and polarity`]),
        ...(originS === 0 ? [] : [`npy does not hold the time of day: windows count from ${originS} s`]),
      ];
    },
  };
}

/** An NPY file, version 1.0, of float32 values in C order; the header is padded to a multiple of 64 bytes. */
function npyBytes(shape: readonly number[], values: Float32Array): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64;
  const head = Buffer.alloc(length, ' ');
  head.write('\x93NUMPY\x01\x00', 'latin1');
  head.writeUInt16LE(length - 10, 8);
  head.write(text, 10, 'latin1');
  head.write('\n', length - 1);
  const data = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) data.writeFloatLE(value, i * 4);
  return Buffer.concat([head, data]);
}
