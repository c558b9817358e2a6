import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ClockSync } from '../../../devices/index.js';
import * as fc from '../../support/fast-check.js';

test('before the first sample nothing is known, after it the arrival is the estimate', () => {
  const sync = new ClockSync();
  assert.ok(Number.isNaN(sync.toHostUs(5)));
  assert.equal(sync.boundUs(5), Number.POSITIVE_INFINITY);
  sync.sample(1000, 501_000);
  assert.equal(sync.toHostUs(1000), 501_000);
  assert.equal(sync.toHostUs(1500), 501_500);
});

test('delays that vary do not move the estimate away from the least', () => {
  const sync = new ClockSync();
  for (let i = 0; i < 3000; i++) sync.sample(i * 2000, i * 2000 + 7_000_000 + 300 + (i % 7) * 900);
  const deviceUs = 2999 * 2000;
  assert.ok(Math.abs(sync.toHostUs(deviceUs) - (deviceUs + 7_000_300)) < 1);
  assert.ok(sync.boundUs(deviceUs) < 2000);
});

test('a first sample that came late is corrected gradually', () => {
  const sync = new ClockSync();
  sync.sample(0, 50_000);
  sync.sample(1000, 1000);
  assert.equal(Math.round(sync.toHostUs(1000)), 51_000);
  assert.equal(Math.round(sync.toHostUs(126_000)), 126_000 + 25_000);
  assert.equal(Math.round(sync.toHostUs(251_000)), 251_000);
  assert.ok(sync.boundUs(1000) >= 50_000);
});

test('reset forgets the old clock', () => {
  const sync = new ClockSync();
  sync.sample(8_000_000, 9_000_000);
  sync.reset();
  assert.ok(Number.isNaN(sync.toHostUs(0)));
  sync.sample(0, 20_000_000);
  assert.equal(sync.toHostUs(10), 20_000_010);
});

describe('property', () => {
  const delays = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 200, maxLength: 400 });

  test('with skew, jitter and lost frames the error stays inside the bound', () => {
    fc.assert(
      fc.property(delays, fc.integer({ min: -5000, max: 5000 }), fc.nat(1000), (jitter, ppm, leastUs) => {
        const sync = new ClockSync();
        const host = (deviceUs: number) => 3e9 + deviceUs * (1 + ppm * 1e-6);
        for (const [i, delay] of jitter.entries()) {
          const deviceUs = i * 20_000;
          // Of every 250 ms some frame has the least delay; others are late or lost.
          const late = i % 5 === 0 ? 0 : delay;
          if (i % 3 !== 1 || late === 0) sync.sample(deviceUs, host(deviceUs) + leastUs + late);
          const error = sync.toHostUs(deviceUs + 5000) - (host(deviceUs + 5000) + leastUs);
          assert.ok(Math.abs(error) <= sync.boundUs(deviceUs + 5000), `${error} at sample ${i}`);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('the mapping never goes back, at whatever speed a replay runs', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1000, noNaN: true }), delays, (speed, jitter) => {
        const sync = new ClockSync();
        let last = Number.NEGATIVE_INFINITY;
        let hostUs = 5e9;
        for (const [i, delay] of jitter.entries()) {
          const deviceUs = i * 5000;
          hostUs = Math.max(hostUs, 5e9 + deviceUs / speed + delay);
          sync.sample(deviceUs, hostUs);
          for (const later of [0, 1000, 4999]) {
            const mapped = sync.toHostUs(deviceUs + later);
            assert.ok(mapped >= last - 1e-3, `${mapped} after ${last}`);
            last = mapped;
          }
          assert.ok(
            sync.toHostUs(deviceUs) <= hostUs + 260_000,
            'no more than the slew ahead of the arrival',
          );
        }
      }),
      { numRuns: 50 },
    );
  });
});
