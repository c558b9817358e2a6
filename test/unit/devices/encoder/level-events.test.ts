import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LevelEvents, type LevelEventsOptions } from '../../../../devices/index.js';
import { Recorder } from '../../../support/tef.js';

/** What frames of these levels, 1 ms apart, give. */
function encode(options: LevelEventsOptions, ...frames: number[][]): unknown[][] {
  const encoder = new LevelEvents(options);
  const recorder = new Recorder();
  for (const [i, values] of frames.entries())
    encoder.frame(
      { tUs: i * 1000, start: 0, length: values.length, values: Float64Array.from(values) },
      recorder,
    );
  return recorder.calls;
}

test('the first frame is rest, and what is below the threshold of a taxel is no event', () => {
  const calls = encode({ taxels: 2, threshold: [10, 100] }, [50, 50], [60, 149], [60, 150], [50, 50]);
  assert.deepEqual(calls, [
    ['advance', 0],
    ['events', [[1000, 0, 1]]],
    ['events', [[2000, 1, 1]]],
    ['advance', 3000], // a step back must be one and a half thresholds long
  ]);
});

test('with a known rest, what rests on the sensor at the beginning is an event', () => {
  const rest = { taxels: 1, threshold: 10, rest: [0], maxPerFrame: 8, hysteresis: 0 };
  assert.deepEqual(encode(rest, [35], [5]), [
    ['events', Array(3).fill([0, 0, 1])],
    ['events', Array(2).fill([1000, 0, 0])],
  ]);
});

test('levels that are no number are no event, and do not spoil rest', () => {
  assert.deepEqual(encode({ taxels: 1, threshold: 1 }, [Number.NaN], [Number.POSITIVE_INFINITY], [5]), [
    ['advance', 0],
    ['advance', 1000],
    ['events', [[2000, 0, 1]]],
  ]);
});

test('options that are wrong are told', () => {
  const bad = (options: object) => () => new LevelEvents({ taxels: 2, threshold: 1, ...options });
  assert.throws(bad({ threshold: [1] }), /threshold has 1 values for 2 taxels/);
  assert.throws(bad({ threshold: [1, 0] }), /threshold\[1\] is 0, which is no threshold/);
  assert.throws(bad({ rest: [1, Number.NaN] }), /rest\[1\] is NaN/);
  assert.throws(bad({ maxPerFrame: 0 }), /maxPerFrame is 0; it must lie in 1 \.\. 1000/);
});
