import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { cellIndex, readRecordings } from '../../../models/index.js';
import { readNpy } from '../../../models/training/npy.js';

const folder = mkdtempSync(join(tmpdir(), 'whorl-recordings-'));
after(() => rmSync(folder, { recursive: true }));

function npy(shape: number[], values: ArrayLike<number>, type = '<f4'): Uint8Array {
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const header = `${text.padEnd(117)}\n`;
  const data =
    type === '<f4'
      ? Float32Array.from(values)
      : type === '<f8'
        ? Float64Array.from(values)
        : Uint8Array.from(values);
  return Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'),
    Buffer.from(header),
    Buffer.from(data.buffer),
  ]);
}

test('NPY arrays of floats, doubles, bytes and booleans are read', () => {
  for (const type of ['<f4', '<f8', '|u1', '|b1']) {
    const { shape, data } = readNpy(npy([2, 3], [1, 0, 1, 0, 0, 1], type));
    assert.deepEqual(
      [shape, [...data]],
      [
        [2, 3],
        [1, 0, 1, 0, 0, 1],
      ],
      type,
    );
  }
});

test('anything else in an NPY file is refused with the reason', () => {
  const good = npy([2], [1, 2]);
  assert.throws(() => readNpy(good.slice(0, 8)), /signature/);
  assert.throws(() => readNpy(good.slice(0, 60)), /cut off/);
  assert.throws(() => readNpy(good.slice(0, -1)), /needs 8 bytes, there are 7/);
  assert.throws(() => readNpy(npy([2], [1, 2], '|O')), /type \|O is not supported/);
  assert.throws(() => readNpy(npy([100_000, 100_000], [])), /more than/);
});

test('a directory of recordings becomes windows: bin, taxel and channel in their places, samples in order', async () => {
  const path = join(folder, 'set', 'train');
  mkdirSync(path, { recursive: true });
  const recording = (on: number): Uint8Array =>
    npy(
      [3, 2, 4],
      Array.from({ length: 24 }, (_, i) => (i === on ? 1 : 0)),
    );
  // taxel 2, OFF, bin 1 is value (2 * 2 + 1) * 4 + 1
  writeFileSync(join(path, 'sample_10_label_1.npy'), recording(21));
  writeFileSync(join(path, 'sample_9_label_0.npy'), recording(0));
  writeFileSync(join(path, 'notes.txt'), 'not a recording');
  const data = await readRecordings(join(folder, 'set'));
  assert.deepEqual(data.input, { taxels: 3, channels: 2, bins: 4, binUs: 20_000 });
  assert.deepEqual(data.names, ['sample_9_label_0.npy', 'sample_10_label_1.npy']);
  assert.deepEqual(data.targets, [0, 1]);
  assert.deepEqual([...data.windows[1]!.cells], [cellIndex(data.input, 1, 2, 1)]);
});

test('faults name the file', async () => {
  const path = join(folder, 'bad');
  mkdirSync(path);
  await assert.rejects(readRecordings(path), /no files named sample_/);
  writeFileSync(join(path, 'sample_0_label_0.npy'), npy([3, 2, 4], new Array(24).fill(0)));
  writeFileSync(join(path, 'sample_1_label_0.npy'), npy([3, 2, 5], new Array(30).fill(0)));
  await assert.rejects(readRecordings(path), /sample_1_label_0\.npy: shape \[3,2,5\] differs/);
  writeFileSync(join(path, 'sample_1_label_0.npy'), npy([3, 2, 4], new Array(24).fill(Number.NaN)));
  await assert.rejects(readRecordings(path), /sample_1_label_0\.npy: value NaN/);
  await assert.rejects(readRecordings(join(folder, 'nowhere')), /no such file or directory/);
});
