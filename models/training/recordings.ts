/**
 * Recordings in the layout of Ev-Objects and Ev-Containers: `sample_<i>_label_<k>.npy`, each [taxels, polarities, bins]
 * with 1 where a taxel had an event of that polarity (0 ON, 1 OFF) in that bin.
 */
import { basename } from 'node:path';
import { NetworkError } from '../network/errors.js';
import type { InputSpec } from '../network/spec.js';
import { cellIndex, type TaxelWindow, windowFromCells } from '../network/window.js';
import { readArchive } from './archive.js';
import type { Dataset } from './dataset.js';
import { type NpyArray, readNpy } from './npy.js';

const fileName = /(?:^|\/)sample_(\d+)_label_(\d+)\.npy$/;

/**
 * Reads a directory or zip of recordings, ordered by sample number. Labels are the class numbers as text.
 * @param binUs bin length in microseconds, which the files do not tell (20 ms in the published sets)
 * Throws `NetworkError` naming the file for anything unreadable or of another shape than the first.
 */
export async function readRecordings(path: string, binUs = 20_000): Promise<Dataset> {
  const found: { sample: number; label: number; name: string; window: TaxelWindow }[] = [];
  let input: InputSpec | undefined;
  for await (const { name, bytes } of readArchive(path, fileName)) {
    const [, sample, label] = fileName.exec(name)!;
    try {
      const array = readNpy(bytes);
      input ??= inputShape(array, binUs);
      found.push({
        sample: Number(sample),
        label: Number(label),
        name: basename(name),
        window: toWindow(array, input),
      });
    } catch (error) {
      if (error instanceof NetworkError) throw new NetworkError(`${path}: ${name}: ${error.message}`);
      throw error;
    }
  }
  if (input === undefined) throw new NetworkError(`${path}: no files named sample_<i>_label_<k>.npy`);
  found.sort((a, b) => a.sample - b.sample || a.label - b.label);
  const classes = Math.max(...found.map(({ label }) => label)) + 1;
  if (classes > 1024)
    throw new NetworkError(`${path}: label ${classes - 1} is beyond the limit of 1024 classes`);
  return {
    input,
    labels: Array.from({ length: classes }, (_, label) => String(label)),
    windows: found.map(({ window }) => window),
    targets: found.map(({ label }) => label),
    names: found.map(({ name }) => name),
  };
}

/** One recorded window as a dataset of its own, whatever the file's name. Throws `NetworkError` for anything unreadable. */
export function readRecordingFile(name: string, bytes: Uint8Array, binUs = 20_000): Dataset {
  try {
    const array = readNpy(bytes);
    const input = inputShape(array, binUs);
    return { input, labels: ['0'], windows: [toWindow(array, input)], targets: [0], names: [basename(name)] };
  } catch (error) {
    throw error instanceof NetworkError ? new NetworkError(`${name}: ${error.message}`) : error;
  }
}

function inputShape({ shape }: NpyArray, binUs: number): InputSpec {
  const [taxels, channels, bins] = shape;
  if (shape.length !== 3 || !taxels || !channels || !bins) {
    throw new NetworkError(`shape [${shape}] is not [taxels, polarities, bins]`);
  }
  return { taxels, channels, bins, binUs };
}

function toWindow({ shape, data }: NpyArray, input: InputSpec): TaxelWindow {
  const { taxels, channels, bins } = input;
  if (String(shape) !== String([taxels, channels, bins])) {
    throw new NetworkError(`shape [${shape}] differs from the first file's [${[taxels, channels, bins]}]`);
  }
  const cells: number[] = [];
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value === 0) continue;
    if (!Number.isFinite(value)) throw new NetworkError(`value ${value} at index ${i}`);
    const bin = i % bins;
    const channel = ((i - bin) / bins) % channels;
    const taxel = Math.floor(i / (bins * channels));
    cells.push(cellIndex(input, bin, taxel, channel));
  }
  return windowFromCells(input, cells);
}
