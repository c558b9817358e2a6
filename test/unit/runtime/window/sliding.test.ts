import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventsFrom } from '../../../../devices/index.js';
import type { SlidingSpec } from '../../../../runtime/window/index.js';
import { at, lost, recorder, spans } from '../../../support/window-rows.js';

function sliding(hopUs: number, emitEmpty = false): SlidingSpec {
  return { kind: 'sliding', hopUs, emitEmpty };
}

test('hop = length: windows side by side, aligned to multiples of the hop', () => {
  const { windower, windows } = recorder(sliding(40));
  windower.add(0, at(55, 79, 80, 125));
  windower.flush();
  assert.deepEqual(spans(windows), [
    [40, 80, 2, 'end'],
    [80, 120, 1, 'end'],
    [120, 160, 1, 'flush'],
  ]);
  assert.deepEqual(
    windows.map((w) => w.index),
    [0, 1, 2],
  );
});

test('cells are ascending and unique: bin, then taxel, then channel', () => {
  const { windower, windows } = recorder(sliding(40));
  windower.add(
    0,
    eventsFrom([
      [0, 2, 0],
      [1, 0, 1],
      [2, 2, 0],
      [9, 2, 1],
      [10, 1, 1],
      [39, 2, 0],
    ]),
  );
  windower.flush();
  assert.deepEqual([...windows[0]!.cells], [0, 4, 5, 8, 23]);
  assert.equal(windows[0]!.events, 6);
});

test('hop < length: an event stands in every window that covers it', () => {
  const { windower, windows } = recorder(sliding(10));
  windower.add(0, at(45));
  windower.advance(0, 100);
  assert.deepEqual(
    spans(windows).map(([start]) => start),
    [10, 20, 30, 40],
  );
  assert.deepEqual(
    windows.map((w) => [...w.cells]),
    [[18], [12], [6], [0]],
  );
  assert.equal(windower.counters.placed, 1);
});

test('a hop that is no multiple of the bin cuts bins into common slices', () => {
  const { windower, windows } = recorder(sliding(15));
  windower.add(0, at(29, 30, 44, 45, 84));
  windower.flush();
  assert.deepEqual(
    windows.map((w) => [w.startUs, ...w.cells]),
    [
      [0, 12, 18],
      [15, 6, 12, 18],
      [30, 0, 6],
      [45, 0, 18],
      [60, 12],
      [75, 0],
    ],
  );
});

test('hop > length: events in the gaps are outside', () => {
  const both = recorder(sliding(100));
  both.windower.add(0, at(5, 50, 99, 101, 139, 140));
  both.windower.flush();
  assert.deepEqual(spans(both.windows), [
    [0, 40, 1, 'end'],
    [100, 140, 2, 'end'],
  ]);
  assert.equal(both.windower.counters.outside, 3);
  assert.equal(lost(both), 0);
});

test('empty windows are emitted only when asked for, and not for a leap of time', () => {
  const silent = recorder(sliding(40));
  silent.windower.add(0, at(5));
  silent.windower.advance(0, 400);
  assert.equal(silent.windows.length, 1);

  const empty = recorder(sliding(40, true), { maxJumpUs: 1000 });
  empty.windower.add(0, at(5));
  empty.windower.advance(0, 130);
  assert.deepEqual(spans(empty.windows), [
    [0, 40, 1, 'end'],
    [40, 80, 0, 'end'],
    [80, 120, 0, 'end'],
  ]);
  assert.ok(Number.isNaN(empty.windows[1]!.firstEventUs));
  empty.windower.advance(0, 1_000_000);
  empty.windower.advance(0, 1_000_001);
  assert.equal(empty.windows.length, 3);
  assert.equal(empty.windower.counters.skippedEmpty, 25_000 - 3);
});

test('empty windows begin where the stream begins, also when another sensor has to be waited for first', () => {
  const { windower, windows } = recorder(sliding(40, true), { sensors: 2, maxLagUs: 60 });
  windower.advance(0, 0);
  assert.equal(windows.length, 0);
  windower.advance(0, 85);
  assert.deepEqual(spans(windows), [
    [0, 40, 0, 'end'],
    [40, 80, 0, 'end'],
  ]);
});

test('times before zero and fractions of a microsecond are times like any other', () => {
  const { windower, windows } = recorder(sliding(40));
  windower.add(0, at(-80.5, -40.25, -0.001, 39.999, 40));
  windower.flush();
  assert.deepEqual(spans(windows), [
    [-120, -80, 1, 'end'],
    [-80, -40, 1, 'end'],
    [-40, 0, 1, 'end'],
    [0, 40, 1, 'end'],
    [40, 80, 1, 'flush'],
  ]);
});

test('an event out of order finds its window while that is open', () => {
  const both = recorder(sliding(20));
  both.windower.add(0, at(50, 25, 65));
  both.windower.add(0, at(10));
  both.windower.flush();
  // 25 comes when 0..40 is over but 20..60 is open; 10 comes when both are closed.
  assert.equal(both.windower.counters.reordered, 1);
  assert.equal(both.windower.counters.late, 1);
  assert.deepEqual(spans(both.windows), [
    [20, 60, 2, 'end'],
    [40, 80, 2, 'flush'],
    [60, 100, 1, 'flush'],
  ]);
  assert.equal(both.windows[0]!.firstEventUs, 25);
});

test('descriptions that cannot work are refused with the remedy', () => {
  assert.throws(() => recorder(sliding(0)), /hopUs is 0: give whole microseconds/);
  assert.throws(() => recorder(sliding(2.5)), /hopUs is 2.5/);
  const input = { taxels: 3, channels: 2, bins: 100, binUs: 20_000 };
  assert.throws(() => recorder(sliding(19_999), { input }), /no common divisor above 1 us/);
});
