import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createEventBatch, SendOnDelta, type SendOnDeltaOptions } from '../../../../devices/index.js';

const plain: SendOnDeltaOptions = { taxels: 1, rise: 10, fall: 5 };

/** Encodes the pressures of one taxel, 1000 us apart, and writes an event down as time in ms and sign. */
function trace(options: Partial<SendOnDeltaOptions>, pressures: readonly number[]): string {
  const encoder = new SendOnDelta({ ...plain, ...options });
  const out = createEventBatch(1000);
  pressures.forEach((pressure, ms) => {
    encoder.encode([pressure], ms * 1000, out);
  });
  const events = Array.from({ length: out.length }, (_, i) => [out.tUs[i]! / 1000, out.polarity[i]]);
  return events.map(([ms, on]) => `${ms}${on === 1 ? '+' : '-'}`).join(' ');
}

suite('send-on-delta', () => {
  test('fires when the pressure has moved by the threshold, and the reference follows by it', () => {
    assert.equal(trace({}, [0, 9.9, 10, 19.9, 20]), '2+ 4+');
    assert.equal(trace({}, [10, 5.1, 5, 0]), '0+ 2- 3-');
  });

  test('rise and fall have thresholds of their own, for each taxel', () => {
    const out = createEventBatch(10);
    const encoder = new SendOnDelta({ taxels: 3, rise: [1, 2, 3], fall: [1, 1, 1] });
    encoder.encode([2, 2, 2], 0, out);
    assert.deepEqual([...out.taxel.subarray(0, out.length)], [0, 1]);
    assert.deepEqual([...encoder.levels], [1, 2, 0]);
  });

  test('a jump over several levels follows event by event, one a frame', () =>
    assert.equal(trace({}, [35, 35, 35, 35, 35]), '0+ 1+ 2+'));

  test('or with several in one frame, when allowed, up to the limit', () => {
    assert.equal(trace({ maxPerFrame: 2 }, [35, 35, 35]), '0+ 0+ 1+');
    assert.equal(trace({ maxPerFrame: 100 }, [35, 0]), '0+ 0+ 0+ 1- 1- 1- 1- 1- 1-');
  });

  test('with hysteresis the first step back takes more, the next ones do not', () => {
    assert.equal(trace({ hysteresis: 3 }, [10, 3, 2, 0]), '0+ 2- 3-');
    assert.equal(trace({ hysteresis: 3 }, [10, 20]), '0+ 1+');
  });

  test('after an event a taxel is mute for the refractory time, and then catches up', () =>
    assert.equal(trace({ refractoryUs: 2500 }, [10, 20, 30, 30, 30, 30, 30]), '0+ 3+ 6+'));

  test('a reset to the resting load makes it the reference', () => {
    const encoder = new SendOnDelta(plain);
    const out = createEventBatch(10);
    encoder.reset([40]);
    assert.equal(encoder.encode([42], 0, out), 0);
    assert.equal(encoder.encode([50], 1, out), 1);
    encoder.reset();
    assert.deepEqual([...encoder.levels], [0]);
    assert.equal(encoder.encode([9], 0, out), 0, 'time starts anew');
    assert.deepEqual(encoder.counters, { badFrames: 0, badReadings: 0, deferred: 0 });
  });

  test('a scan stamps the taxels one after the other', () => {
    const encoder = new SendOnDelta({ taxels: 4, rise: 1, fall: 1, scanUs: 1000 });
    const out = createEventBatch(10);
    encoder.encode(new Uint16Array([1, 1, 1, 1]), 5000, out);
    assert.deepEqual([...out.tUs.subarray(0, 4)], [5000, 5250, 5500, 5750]);
  });
});

suite('send-on-delta and bad input', () => {
  test('readings that are no finite number are skipped and counted', () => {
    const encoder = new SendOnDelta({ taxels: 3, rise: 1, fall: 1 });
    const out = createEventBatch(10);
    assert.equal(encoder.encode([Number.NaN, 5, Number.POSITIVE_INFINITY], 0, out), 1);
    assert.equal(encoder.counters.badReadings, 2);
  });

  test('frames of another length, or out of time, are refused and counted', () => {
    const encoder = new SendOnDelta({ taxels: 2, rise: 1, fall: 1, scanUs: 100 });
    const out = createEventBatch(10);
    encoder.encode([0, 0], 1000, out);
    for (const [frame, tUs] of [
      [[9], 2000],
      [[9, 9, 9], 2000],
      [[9, 9], 1099],
      [[9, 9], Number.NaN],
      [[9, 9], Number.POSITIVE_INFINITY],
    ] as const) {
      assert.equal(encoder.encode(frame, tUs, out), 0);
    }
    assert.equal(encoder.counters.badFrames, 5);
    assert.equal(encoder.encode([9, 9], 1100, out), 2);
  });

  test('when the batch is full nothing is lost: the rest comes with the next frame', () => {
    const encoder = new SendOnDelta({ taxels: 3, rise: 1, fall: 1 });
    const small = createEventBatch(2);
    assert.equal(encoder.encode([1, 1, 1], 0, small), 2);
    assert.equal(encoder.counters.deferred, 1);
    small.length = 0;
    assert.equal(encoder.encode([1, 1, 1], 1, small), 1);
    assert.equal(small.taxel[0], 2);
  });

  test('references to start from are as many as taxels; one that is no number is 0, and counted', () => {
    const encoder = new SendOnDelta({ taxels: 2, rise: 1, fall: 1 });
    assert.throws(() => encoder.reset([1]), /1 levels for 2 taxels/);
    encoder.reset([3, Number.NaN]);
    assert.deepEqual([...encoder.levels], [3, 0]);
    assert.equal(encoder.counters.badReadings, 1);
  });

  test('options out of range are refused by name', () => {
    const make = (options: Partial<SendOnDeltaOptions>) => () => new SendOnDelta({ ...plain, ...options });
    assert.throws(make({ taxels: 0 }), /taxels is 0/);
    assert.throws(make({ taxels: 1.5 }), /whole number/);
    assert.throws(make({ rise: 0 }), /rise is 0/);
    assert.throws(make({ fall: Number.NaN }), /fall is NaN/);
    assert.throws(make({ rise: [1, 2] }), /rise has 2 thresholds for 1 taxels/);
    assert.throws(make({ taxels: 2, fall: [1, -2] }), /fall\[1\] is -2/);
    assert.throws(make({ hysteresis: -1 }), /hysteresis is -1/);
    assert.throws(make({ refractoryUs: -1 }), /refractoryUs/);
    assert.throws(make({ maxPerFrame: 0 }), /maxPerFrame/);
    assert.throws(make({ scanUs: Number.POSITIVE_INFINITY }), /scanUs/);
  });
});
