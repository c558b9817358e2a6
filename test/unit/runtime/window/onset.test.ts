import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OnsetSpec } from '../../../../runtime/window/index.js';
import { at, lost, recorder, spans } from '../../../support/window-rows.js';

/** Three events within 5 us begin a window of 40 us that starts 10 us before the first of them. */
const policy: OnsetSpec = {
  kind: 'onset',
  thresholdEvents: 3,
  intervalUs: 5,
  preRollUs: 10,
  rearm: 'quiet',
  releaseEvents: 2,
  rearmUs: 20,
};

test('a window starts before the event that began the burst, and holds what came before the burst', () => {
  const { windower, windows } = recorder(policy);
  windower.add(0, at(80, 91, 100, 103, 105, 129, 130));
  assert.deepEqual(spans(windows), [[90, 130, 5, 'end']]);
  assert.deepEqual([...windows[0]!.cells], [0, 6, 18]);
  assert.deepEqual([windows[0]!.firstEventUs, windows[0]!.lastEventUs], [91, 129]);
});

test('fewer events than the threshold within the interval open nothing', () => {
  const { windower, windows } = recorder(policy);
  windower.add(0, at(0, 5, 6, 11, 12, 17));
  windower.flush();
  assert.deepEqual(spans(windows), []);
  assert.equal(windower.counters.outside, 6);
});

test('the interval includes both ends', () => {
  const { windower, windows } = recorder(policy);
  windower.add(0, at(10, 12, 15));
  windower.flush();
  assert.deepEqual(spans(windows), [[0, 40, 3, 'flush']]);
});

test('rearm quiet: no second window while the touch lasts', () => {
  const { windower, windows } = recorder(policy);
  for (let t = 100; t <= 200; t += 2) windower.add(0, at(t));
  windower.add(0, at(300, 301, 302));
  windower.flush();
  assert.deepEqual(
    spans(windows).map(([start]) => start),
    [90, 290],
  );
});

test('rearm quiet: the rate must have been low for rearmUs, also when the window was still open', () => {
  const touch = [100, 101, 102];
  // Two events within 5 us are high; the last two lie at 101 and 102, so it is high until 106 and quiet at 126.
  for (const [again, starts] of [
    [
      [130, 131, 132],
      [90, 130],
    ],
    [
      [145, 146, 147],
      [90, 135],
    ],
  ] as const) {
    const { windower, windows } = recorder(policy);
    windower.add(0, at(...touch, ...again));
    windower.flush();
    assert.deepEqual(
      spans(windows).map(([start]) => start),
      starts,
    );
  }
  const noisy = recorder(policy);
  // A pair of events at 120, in the window, puts the rate up again: high until 125, quiet at 145.
  noisy.windower.add(0, at(...touch, 120, 121, 140, 141, 142));
  noisy.windower.flush();
  assert.equal(noisy.windows.length, 1);
});

test('rearm quiet: the pre-roll holds nothing of the touch before', () => {
  const { windower, windows } = recorder({
    ...policy,
    thresholdEvents: 4,
    releaseEvents: 3,
    preRollUs: 20,
    rearmUs: 3,
  });
  // Quiet from 118 on, armed at 121, but the touch comes back at 120: quiet from 125 on, armed at 128.
  windower.add(0, at(100, 101, 102, 103, 113, 114, 115, 120, 120.5, 120.8, 129, 130, 131, 132));
  windower.flush();
  assert.deepEqual(spans(windows), [
    [80, 120, 7, 'end'],
    [120, 160, 4, 'flush'],
  ]);
});

test('rearm at-once: a lasting contact gives window after window, without overlap', () => {
  const { windower, windows } = recorder({ ...policy, rearm: 'at-once' });
  for (let t = 100; t < 190; t += 2) windower.add(0, at(t));
  windower.flush();
  assert.deepEqual(spans(windows), [
    [90, 130, 15, 'end'],
    [130, 170, 20, 'end'],
    [170, 210, 10, 'flush'],
  ]);
});

test('a window is closed by a heartbeat, without another event', () => {
  const { windower, windows } = recorder(policy);
  windower.add(0, at(100, 101, 102));
  windower.advance(0, 129);
  assert.equal(windows.length, 0);
  windower.advance(0, 130);
  assert.deepEqual(spans(windows), [[90, 130, 3, 'end']]);
});

test('every event is accounted for at every moment', () => {
  const both = recorder(policy);
  for (const t of [1, 50, 60, 61, 62, 63, 99, 100, 101, 102, 150, 151, 152]) {
    both.windower.add(0, at(t));
    assert.equal(lost(both), 0);
  }
  both.windower.flush();
  assert.equal(both.windower.pending, 0);
  assert.equal(lost(both), 0);
});

test('descriptions that cannot work are refused with the remedy', () => {
  assert.throws(
    () => recorder({ ...policy, preRollUs: 35 }),
    /preRollUs \+ intervalUs = 40 us must be shorter/,
  );
  assert.throws(
    () => recorder({ ...policy, thresholdEvents: 0 }),
    /thresholdEvents is 0: give a whole number/,
  );
  assert.throws(() => recorder({ ...policy, releaseEvents: 4 }), /releaseEvents is 4.*thresholdEvents \(3\)/);
  assert.throws(() => recorder({ ...policy, intervalUs: Number.NaN }), /intervalUs is NaN/);
});
