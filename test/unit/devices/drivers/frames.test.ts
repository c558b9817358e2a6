/** Drivers of sampled sensors: what is particular of each, and what all of them have. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  agniDriver,
  anyskinDriver,
  type Driver,
  type MatrixDriverOptions,
  matrixDriver,
} from '../../../../devices/index.js';
import { heard } from '../../../support/driver-recorder.js';
import { concat } from '../../../support/tef.js';
import { anyskinFrame, flexitacFrame, text, vitacFrame } from '../../../support/wire-formats.js';

const flexitac = { format: 'flexitac', rows: 1, columns: 4, threshold: 10 } as const;

describe('levels become events', () => {
  const mark = Uint8Array.of(0xaa, 0x55);
  const frames = [
    [5, 5, 5, 5],
    [5, 16, 5, 5],
    [5, 16, 5, 0],
  ].map(flexitacFrame);

  test('of changes from the first frame, by a threshold for all', () => {
    const { calls } = heard(matrixDriver(flexitac), ...frames, mark);
    assert.deepEqual(calls, [
      ['levels', 500, 0, [5, 5, 5, 5]],
      ['advance', 500],
      ['levels', 500, 0, [5, 16, 5, 5]],
      ['events', [[500, 1, 1]]],
      ['levels', 500, 0, [5, 16, 5, 0]],
      ['advance', 500],
    ]);
  });

  test('of changes from rest, by the threshold of each taxel, with a calibration', () => {
    const calibration = {
      ...({ format: 'whorl-calibration', version: 1, driver: 'matrix', frames: 50 } as const),
      ...{ rest: [0, 5, 5, 5], noise: [1, 1, 1, 1], threshold: [5, 12, 2, 3] },
    };
    const { threshold: _, ...rest } = flexitac;
    const recorder = heard(matrixDriver({ ...rest, calibration }), ...frames, mark);
    assert.deepEqual(recorder.eventRows, [
      [500, 0, 1],
      [500, 3, 0],
    ]);
    assert.throws(() => matrixDriver({ ...rest, columns: 3, calibration }), /has 4 taxels, the sensor 3/);
    assert.throws(
      () => agniDriver({ taxels: 4, calibration }),
      /is of a sensor matrix, not agni-sp; calibrate this one/,
    );
    assert.throws(() => matrixDriver(rest), /threshold is missing: calibrate the sensor/);
  });

  test('and anew after the link was lost', () => {
    const driver = matrixDriver(flexitac);
    const recorder = heard(driver, ...frames, mark);
    driver.reset(recorder);
    driver.push(concat(flexitacFrame([90, 90, 90, 90]), mark), recorder, 900);
    assert.deepEqual(recorder.calls.slice(-3), [
      ['discard', 'partial', 2],
      ['levels', 900, 0, [90, 90, 90, 90]],
      ['advance', 900],
    ]);
  });
});

test('a frame that is recognised late has the time at which it arrived', () => {
  const driver = matrixDriver(flexitac);
  const recorder = heard(driver, flexitacFrame([1, 2, 3, 4]));
  driver.push(flexitacFrame([1, 2, 3, 4]), recorder, 10_500);
  driver.push(Uint8Array.of(0xaa, 0x55), recorder, 20_500);
  assert.deepEqual(
    recorder.only('levels').map(([, tUs]) => tUs),
    [500, 10_500],
  );
});

test('FlexiTac: the mark in the data is no beginning', () => {
  const tricky = flexitacFrame([0xaa, 0x55, 0xaa, 0x55]);
  const recorder = heard(matrixDriver(flexitac), Uint8Array.of(7, 0xaa), tricky, tricky, tricky, tricky);
  assert.deepEqual(recorder.frames.at(-1), [0xaa, 0x55, 0xaa, 0x55]);
});

describe('text', () => {
  const rows = [
    [1, 2, 3],
    [40, 50, 60],
  ];
  const vitac: MatrixDriverOptions = { format: 'vitac', rows: 2, columns: 3, threshold: 5 };
  const of = (options: Partial<MatrixDriverOptions>): Driver =>
    matrixDriver({ ...vitac, format: 'text', ...options });

  test('of 3D-ViTac, begun in the middle', () => {
    const recorder = heard(matrixDriver(vitac), text('2 3 \r\n\r\n'), vitacFrame(rows), vitacFrame(rows));
    assert.deepEqual(recorder.frames, [rows.flat(), rows.flat()]);
    assert.deepEqual(recorder.only('discard'), [['discard', 'body', 6]]);
  });

  test('of another number of rows is no frame, also of twice as many', () => {
    const doubled = vitacFrame([...rows, ...rows]);
    const more = vitacFrame([...rows, [7, 8, 9], ...rows]);
    for (const bytes of [doubled, more, vitacFrame(rows.slice(1)), text('1 2 256 \r\n4 5 6 \r\n\r\n')]) {
      const recorder = heard(matrixDriver(vitac), bytes, vitacFrame(rows));
      assert.deepEqual(recorder.frames, [rows.flat()]);
      assert.equal(recorder.discardedBytes, bytes.length);
    }
  });

  test('of sketches: any separators, signs and fractions, a line a frame', () => {
    const lines = text('1,2,3,40,50,60\r\n1   2\t3;40 50 60 \n-1 +2 3.25 .5 50. 60\n');
    assert.deepEqual(heard(of({}), lines).frames, [rows.flat(), rows.flat(), [-1, 2, 3.25, 0.5, 50, 60]]);
  });

  test('of sketches: a prefix, and what is no number', () => {
    const lines = text(
      'CFG,2,3\nT:1 2 3 4 5 6\nT:1 2 3 4 5\nT:1 2 3 4 5 6 7\nT:1 2 3 4 5 x\nT:1 2 3 4 5 1e9\n\n',
    );
    const recorder = heard(of({ prefix: 'T:' }), lines);
    assert.deepEqual(recorder.frames, [[1, 2, 3, 4, 5, 6]]);
    assert.equal(recorder.discarded.body, 8 + 12 + 16 + 14 + 16);
  });

  test('that does not end is given up, and the rest of its line with it', () => {
    const recorder = heard(of({}), text(`${'1 '.repeat(300)}\n1 2 3 4 5 6\n`));
    assert.deepEqual(recorder.frames, [[1, 2, 3, 4, 5, 6]]);
    assert.equal(recorder.discarded.oversize, 601);
  });

  test('separators must be such', () => {
    assert.throws(() => of({ separators: '-' }), /separators has "-", which cannot stand between values/);
    assert.throws(() => of({ rows: 0 }), /rows x columns is 0; it must lie in 1 \.\. 4096/);
  });
});

test('AnySkin: three frames in a row, with what can have been measured', () => {
  const frame = anyskinFrame([
    [25, 1, 2, 3],
    [26, 4, 5, 6],
  ]);
  const hot = anyskinFrame([
    [25, 1, 2, 3],
    [260, 4, 5, 6],
  ]);
  const driver = (): Driver => anyskinDriver({ chips: 2, threshold: 1 });
  assert.deepEqual(heard(driver(), frame, frame).frames, []);
  assert.deepEqual(heard(driver(), frame, frame, frame).frames, Array(3).fill([1, 2, 3, 4, 5, 6]));
  const recorder = heard(driver(), frame, frame, frame, hot, frame, frame, frame, frame);
  assert.equal(recorder.frames.length, 7);
  assert.deepEqual(recorder.only('discard'), [['discard', 'sync', hot.length]]);
  assert.equal(anyskinDriver({ axes: ['z'], threshold: 1 }).taxels, 5);
});
