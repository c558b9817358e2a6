/** Reads the public recordings (zips of `sample_<i>_label_<k>.npy`) for tests. */
import { buffer } from 'node:stream/consumers';
import { type Entry, openPromise } from 'yauzl';

/** One recorded window: 0/1 cells, row-major [taxels, 2 (ON, OFF), bins]. */
export interface Recording {
  readonly label: number;
  readonly taxels: number;
  readonly bins: number;
  readonly cells: Float32Array;
}

/** Every `every`-th recording of a zip, in the order the zip lists them. */
export async function readRecordings(path: string, every = 1): Promise<Recording[]> {
  const zip = await openPromise(path);
  const recordings: Recording[] = [];
  let seen = 0;
  for await (const entry of zip.eachEntry()) {
    if (!entry.fileName.endsWith('.npy') || seen++ % every !== 0) continue;
    recordings.push(parseSample(entry, await buffer(await zip.openReadStreamPromise(entry))));
  }
  return recordings;
}

function parseSample(entry: Entry, npy: Buffer): Recording {
  const label = /_label_(\d+)\.npy$/.exec(entry.fileName)?.[1];
  const header = npy.toString('latin1', 10, 10 + npy.readUInt16LE(8));
  const shape = /'descr': '<f4', 'fortran_order': False, 'shape': \((\d+), 2, (\d+)\)/.exec(header);
  if (label === undefined || shape === null)
    throw new Error(`${entry.fileName}: unexpected name or header ${header}`);
  const cells = new Float32Array(
    npy.buffer.slice(npy.byteOffset + 10 + header.length, npy.byteOffset + npy.length),
  );
  return { label: Number(label), taxels: Number(shape[1]), bins: Number(shape[2]), cells };
}
