import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InputSpec } from '../../models/index.js';

/** A NumPy file of float32 values in row-major order. */
export function npyFile(shape: readonly number[], values: ArrayLike<number>): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const header = Buffer.from(`${text.padEnd(117)}\n`);
  return Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'),
    header,
    Buffer.from(Float32Array.from(values).buffer),
  ]);
}

/** A recorded window: its label, and its cells, (bin * taxels + taxel) * channels + channel. */
export interface RecordedWindow {
  readonly label: number;
  readonly cells: Iterable<number>;
}

/** Writes windows as `sample_<i>_label_<k>.npy`, each [taxels, polarities, bins]. */
export function writeRecordings(folder: string, input: InputSpec, windows: readonly RecordedWindow[]): void {
  const { taxels, channels, bins } = input;
  mkdirSync(folder, { recursive: true });
  for (const [sample, { label, cells }] of windows.entries()) {
    const values = new Float32Array(taxels * channels * bins);
    for (const cell of cells) {
      const channel = cell % channels;
      const site = (cell - channel) / channels;
      const taxel = site % taxels;
      values[(taxel * channels + channel) * bins + (site - taxel) / taxels] = 1;
    }
    writeFileSync(
      join(folder, `sample_${sample}_label_${label}.npy`),
      npyFile([taxels, channels, bins], values),
    );
  }
}
