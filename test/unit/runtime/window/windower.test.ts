import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventsFrom } from '../../../../devices/index.js';
import type { SlidingSpec } from '../../../../runtime/window/index.js';
import { at, lost, recorder, smallInput, spans } from '../../../support/window-rows.js';

const policy: SlidingSpec = { kind: 'sliding', hopUs: 40, emitEmpty: false };

test('bad events are counted by reason and change nothing', () => {
  const both = recorder(policy);
  both.windower.add(
    0,
    eventsFrom([
      [1, 0, 1],
      [2, 3, 1],
      [3, 0, 2],
      [Number.NaN, 0, 1],
      [2 ** 54, 0, 1],
      [4, 2, 0],
    ]),
  );
  both.windower.flush();
  const { badTaxel, badPolarity, badTime, placed } = both.windower.counters;
  assert.deepEqual(
    { badTaxel, badPolarity, badTime, placed },
    { badTaxel: 1, badPolarity: 1, badTime: 2, placed: 2 },
  );
  assert.deepEqual(spans(both.windows), [[0, 40, 2, 'flush']]);
  assert.equal(lost(both), 0);
});

test('a leap of time is believed when the next time confirms it', () => {
  const lie = recorder(policy, { maxJumpUs: 100 });
  lie.windower.add(0, at(10, 1e9, 11, 30));
  lie.windower.flush();
  assert.deepEqual(spans(lie.windows), [[0, 40, 3, 'flush']]);
  assert.equal(lie.windower.counters.jump, 1);

  const truth = recorder(policy, { maxJumpUs: 100 });
  truth.windower.add(0, at(10, 1000));
  assert.deepEqual(truth.windows, []);
  assert.equal(truth.windower.pending, 1);
  truth.windower.advance(0, 1001);
  truth.windower.flush();
  assert.deepEqual(spans(truth.windows), [
    [0, 40, 1, 'end'],
    [1000, 1040, 1, 'flush'],
  ]);
  assert.equal(truth.windower.counters.jump, 0);
  assert.equal(lost(truth), 0);
});

test('a heartbeat that leaps is doubted too', () => {
  const { windower, windows } = recorder(policy, { maxJumpUs: 100 });
  windower.add(0, at(10));
  windower.advance(0, 1e12);
  windower.advance(0, Number.NaN);
  windower.add(0, at(20, 50));
  windower.flush();
  assert.deepEqual(spans(windows), [
    [0, 40, 2, 'end'],
    [40, 80, 1, 'flush'],
  ]);
});

test('a confirmed leap back is a clock restart: the open window is cut, time begins anew', () => {
  const both = recorder(policy, { maxJumpUs: 100 });
  both.windower.add(0, at(1000, 1010, 5, 6, 45));
  both.windower.flush();
  assert.deepEqual(spans(both.windows), [
    [1000, 1040, 2, 'epoch'],
    [0, 40, 2, 'end'],
    [40, 80, 1, 'flush'],
  ]);
  const { clockRestarts, cut } = both.windower.counters;
  assert.deepEqual({ clockRestarts, cut }, { clockRestarts: 1, cut: 1 });
  assert.equal(lost(both), 0);
});

test('an announced epoch cuts the open window and takes the new alignment', () => {
  const { windower, windows } = recorder(policy);
  windower.add(0, at(1000, 1010));
  windower.epoch(0, 500);
  windower.add(0, at(3));
  windower.flush();
  assert.deepEqual(spans(windows), [
    [1000, 1040, 2, 'epoch'],
    [480, 520, 1, 'flush'],
  ]);
});

test('several sensors: fingers are stacked as channels', () => {
  const { windower, windows } = recorder(policy, { sensors: 2 });
  windower.add(
    0,
    eventsFrom([
      [1, 1, 1],
      [2, 1, 0],
    ]),
  );
  windower.add(
    1,
    eventsFrom([
      [1, 1, 1],
      [12, 0, 0],
    ]),
  );
  windower.flush();
  assert.deepEqual([...windows[0]!.cells], [4, 5, 6, 15]);
});

test('several sensors: a window waits for the slowest, but not for one that is offline or far behind', () => {
  const { windower, windows } = recorder(policy, { sensors: 2, maxLagUs: 100 });
  windower.add(0, at(10, 50));
  assert.equal(windows.length, 0, 'sensor 1 has not spoken');
  windower.add(1, at(20));
  windower.advance(1, 41);
  assert.deepEqual(spans(windows), [[0, 40, 2, 'end']]);
  windower.setOnline(1, false);
  windower.add(0, at(80));
  assert.equal(windows.length, 2);
  windower.setOnline(1, true);
  windower.add(0, at(130));
  assert.equal(windows.length, 2, 'sensor 1 is waited for again');
  windower.add(0, at(181));
  assert.equal(windows.length, 4, '101 us behind the newest: no longer');
  assert.deepEqual(
    windows.map((w) => w.complete),
    [true, false, false, false],
  );
});

test('events of a sensor that was not waited for are late, unless their window is still open', () => {
  const both = recorder(policy, { sensors: 2, maxLagUs: 100 });
  both.windower.add(0, at(10, 200));
  both.windower.add(1, at(15, 170, 205));
  both.windower.flush();
  assert.deepEqual(spans(both.windows), [
    [0, 40, 1, 'end'],
    [200, 240, 2, 'flush'],
  ]);
  assert.equal(both.windower.counters.late, 2);
  assert.equal(lost(both), 0);
});

test('several sensors: a restart of one clock leaves the others alone', () => {
  const both = recorder(policy, { sensors: 2 });
  both.windower.add(0, at(1000, 1010));
  both.windower.add(1, at(1005));
  both.windower.epoch(1, 1020);
  both.windower.add(1, at(1));
  both.windower.add(0, at(1030));
  both.windower.flush();
  assert.deepEqual(spans(both.windows), [[1000, 1040, 5, 'flush']]);
});

test('events of a restarted clock find their place among those that wait', () => {
  const { windower, windows } = recorder(policy, { sensors: 2 });
  windower.advance(1, 0);
  windower.add(0, at(50));
  windower.epoch(0);
  windower.add(0, at(20, 30, 60));
  windower.advance(1, 100);
  windower.flush();
  assert.deepEqual(spans(windows), [
    [0, 40, 2, 'end'],
    [40, 80, 2, 'end'],
  ]);
});

test('waiting events are bounded: a full lane goes ahead without the others', () => {
  const both = recorder(policy, { sensors: 2, laneEvents: 8, maxLagUs: 1e6 });
  for (let t = 0; t < 100; t++) both.windower.add(0, at(t));
  assert.ok(both.windower.pending <= 8);
  assert.ok(both.windower.counters.forced > 0);
  both.windower.add(1, at(3));
  assert.equal(both.windower.counters.late, 1);
  assert.equal(lost(both), 0);
});

test('after a flush a new stream begins, with any time', () => {
  const { windower, windows } = recorder(policy);
  windower.add(0, at(1000));
  windower.flush();
  windower.add(0, at(5));
  windower.flush();
  assert.deepEqual(spans(windows), [
    [1000, 1040, 1, 'flush'],
    [0, 40, 1, 'flush'],
  ]);
});

test('sensors, channels and sizes must fit', () => {
  assert.throws(() => recorder(policy, { sensors: 2, input: smallInput(1) }), /2 channels, 2 sensors give 4/);
  assert.throws(() => recorder(policy).windower.add(1, at(1)), /sensor 1: this pipeline has 1/);
  assert.throws(() => recorder(policy, { laneEvents: 1 }), /laneEvents is 1/);
  assert.throws(() => recorder(policy, { maxLagUs: Number.NaN }), /maxLagUs is NaN/);
  const huge = { taxels: 65_535, channels: 2, bins: 1000, binUs: 10 };
  assert.throws(() => recorder(policy, { input: huge }), /larger than 2\^26/);
});

test('a window with a gap in its events says so: sensor offline, events lost on the way', () => {
  const { windower, windows } = recorder(policy);
  windower.add(0, at(10));
  windower.setOnline(0, false);
  windower.setOnline(0, true);
  windower.add(0, at(55, 81));
  windower.gap(0);
  windower.add(0, at(120, 161));
  windower.flush();
  assert.deepEqual(
    windows.map((w) => [w.startUs, w.complete]),
    [
      [0, false],
      [40, false],
      [80, false],
      [120, true],
      [160, true],
    ],
  );
});
