import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RestFrames, readCalibration, writeCalibration } from '../../../../devices/index.js';
import { Random } from '../../../../devices/simulator/random.js';
import { temporaryFolder } from '../../../support/small-model.js';

const folder = temporaryFolder();

function restFrames(count: number, frame: (i: number) => number[]): RestFrames {
  const rest = new RestFrames();
  for (let i = 0; i < count; i++) rest.add(frame(i));
  return rest;
}

test('rest and noise are found, whatever one touch does to the mean', () => {
  const random = new Random(4);
  const rest = restFrames(1000, (i) => [
    100 + 3 * random.normal(),
    i >= 300 && i < 500 ? 800 : 100 + 3 * random.normal(),
    7,
  ]);
  const { rest: levels, noise, threshold } = rest.calibrate('anyskin', { sigmas: 5, leastThreshold: 2 });
  for (const taxel of [0, 1]) {
    assert.ok(Math.abs(levels[taxel]! - 100) < 2, `rest ${levels[taxel]}`);
    assert.ok(noise[taxel]! > 2 && noise[taxel]! < 5, `noise ${noise[taxel]}`);
    assert.equal(threshold[taxel], 5 * noise[taxel]!);
  }
  assert.deepEqual([levels[2], noise[2], threshold[2]], [7, 0, 2]);
  assert.deepEqual(rest.unquiet({ rest: levels, threshold }), [1]);
});

test('the median absolute deviation by hand', () => {
  const values = [1, 2, 4, 8, 16];
  const rest = restFrames(20, (i) => [values[i % 5]!]);
  const { noise, rest: levels } = rest.calibrate('matrix');
  assert.deepEqual([levels, noise], [[4], [1.4826 * 3]]); // deviations 3, 2, 0, 4, 12
});

test('taxels too coarse to show noise have a threshold of two steps', () => {
  assert.deepEqual(restFrames(40, (i) => [i === 7 ? 0.25 : 0, 3]).calibrate('anyskin').threshold, [0.5, 0.5]);
  assert.deepEqual(restFrames(40, () => [5, 3]).calibrate('matrix').threshold, [2, 2]);
  assert.throws(() => restFrames(40, () => [5.5]).calibrate('anyskin'), /give a least threshold/);
});

test('too few frames are refused, and frames that do not fit are counted', () => {
  assert.throws(() => restFrames(19, () => [1]).calibrate('matrix'), /19 frames came, and at least 20/);
  const rest = restFrames(20, () => [1, 2]);
  rest.add([1]);
  rest.add([1, Number.NaN]);
  assert.deepEqual([rest.frames, rest.taxels, rest.refused], [20, 2, 2]);
});

test('memory is bounded', () => {
  const wide = new Array(65_536).fill(0);
  const rest = restFrames(130, () => wide);
  assert.deepEqual([rest.frames, rest.isFull], [128, true]);
});

test('a calibration file holds what was found, and nothing else is left in its folder', async () => {
  const calibration = restFrames(30, (i) => [i % 3, 5]).calibrate('matrix');
  const path = join(folder, 'mat.json');
  await writeCalibration(path, calibration);
  await writeCalibration(path, calibration);
  assert.deepEqual(await readCalibration(path), calibration);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('mat')),
    ['mat.json'],
  );
  await assert.rejects(writeCalibration(join(folder, 'no', 'mat.json'), calibration), /ENOENT/);
});

test('what is no calibration file is refused with its reason', async () => {
  const path = join(folder, 'other.json');
  const good = restFrames(30, (i) => [i % 3, 5]).calibrate('matrix');
  for (const [content, says] of [
    ['{', /other\.json: is not JSON/],
    ['{}', /other\.json: is no calibration: format/],
    [JSON.stringify({ ...good, threshold: [1, 0] }), /threshold\.1/],
    [JSON.stringify({ ...good, noise: [1] }), /must have the same length/],
    [' '.repeat(9_000_000), /has 9000000 bytes; at most 8388608 are read/],
  ] as const) {
    writeFileSync(path, content);
    await assert.rejects(readCalibration(path), { name: 'CalibrationError', message: says });
  }
  await assert.rejects(readCalibration(join(folder, 'absent.json')), /cannot be read: ENOENT/);
});
