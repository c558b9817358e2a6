import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Driver, ptsDriver } from '../../../../devices/index.js';
import { heard } from '../../../support/driver-recorder.js';
import { ptsFrame } from '../../../support/wire-formats.js';

describe('PTS', () => {
  const still = [0, 0, 0, 0, 0, 0];
  const frame = (counter: number, tUs: number, pillar = still): Uint8Array =>
    ptsFrame(counter, tUs, [[pillar, still]]);
  const driver = (): Driver => ptsDriver({ pillars: 2, values: ['fz'], threshold: 0.5 });
  /** The float whose bytes are the end mark. */
  const endMark = new DataView(Uint8Array.of(0xaa, 0xbb, 0xcc, 0xdd).buffer).getFloat32(0, true);

  test('the end mark in the data is no end', () => {
    const recorder = heard(
      driver(),
      frame(1, 1000, [0, 0, 0, endMark, 0, 0]),
      frame(2, 2000, [0, 0, 3, 0, 0, 0]),
    );
    assert.deepEqual(recorder.frames, [
      [0, 0],
      [3, 0],
    ]);
    assert.deepEqual(recorder.eventRows, [[2000, 0, 1]]);
    assert.equal(recorder.discardedBytes, 0);
  });

  test('a damaged frame costs itself, is counted as lost, and is told as damaged', () => {
    const damaged = frame(2, 2000);
    damaged[50]! ^= 4;
    const recorder = heard(
      driver(),
      frame(1, 1000),
      damaged,
      ...Array(20)
        .fill(0)
        .map((_, i) => frame(3 + i, 3000 + i)),
    );
    assert.equal(recorder.frames.length, 21);
    assert.deepEqual(recorder.only('discard', 'gap'), [
      ['discard', 'crc', damaged.length],
      ['gap', 'frames', 1],
    ]);
  });

  test('a hub that starts again begins an epoch', () => {
    const recorder = heard(driver(), frame(900, 5_000_000), frame(0, 1000));
    assert.deepEqual(
      recorder.calls.map(([method]) => method),
      ['levels', 'advance', 'epoch', 'levels', 'advance'],
    );
  });

  test('more sensors than expected are counted, and no harm', () => {
    const two = ptsFrame(1, 1000, [
      [still, still],
      [still, still],
    ]);
    assert.deepEqual(heard(driver(), two).calls.slice(0, 2), [
      ['reject', 'taxel', 2],
      ['levels', 1000, 0, [0, 0]],
    ]);
    assert.equal(ptsDriver({ sensors: 2, threshold: 1 }).taxels, 54);
  });

  test('what the hub is told', () => {
    assert.equal(driver().start, undefined);
    const told = ptsDriver({ rate: 500, bias: true, slipDetection: false, threshold: 1 });
    assert.equal(new TextDecoder().decode(told.start?.()), 'f500\nz\ns\n');
  });
});
