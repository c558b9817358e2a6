/** Simulated clocks, links that delay and lose: the stated bound holds, and time never runs backwards. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ClockSync } from '../../../devices/index.js';
import * as fc from '../../support/fast-check.js';
import { assertInside, generator, Watch } from '../../support/simulated-clock.js';

const secondUs = 1_000_000;

/** A link and a pair of clocks. */
const worlds = fc.record({
  /** Host time runs faster than device time by so much. */
  ppm: fc.integer({ min: -5000, max: 5000 }),
  /** Least delay, and what is added to it at most, microseconds. */
  leastUs: fc.nat(5000),
  jitterUs: fc.constantFrom(0, 100, 2000, 20_000),
  /** From one frame to the next, microseconds of device time. */
  everyUs: fc.constantFrom(2000, 20_000, 200_000),
  /** Share of frames that are lost. */
  loss: fc.double({ min: 0, max: 0.6, noNaN: true }),
  seed: fc.integer({ min: 1, max: 0x7fff_ffff }),
});

describe('arrivals alone', () => {
  test('the error against host time plus least delay stays inside the bound, from 2 s on', () => {
    fc.assert(
      fc.property(worlds, ({ ppm, leastUs, jitterUs, everyUs, loss, seed }) => {
        const random = generator(seed);
        const sync = new ClockSync();
        const watch = new Watch(sync);
        const host = (deviceUs: number): number => 3e9 + deviceUs * (1 + ppm * 1e-6);
        let leastAt = Number.NEGATIVE_INFINITY;
        let bounded = 0;
        for (let deviceUs = 7e9; deviceUs < 7e9 + 40 * secondUs; deviceUs += everyUs) {
          // What the bound rests on: about the least delay occurs in every 2 s.
          const due = deviceUs + everyUs - leastAt > 2 * secondUs;
          if (due) leastAt = deviceUs;
          else if (random() < loss) continue;
          const lateUs = due ? 0 : random() * jitterUs;
          sync.sample(deviceUs, host(deviceUs) + leastUs + lateUs);
          const laterUs = deviceUs + random() * everyUs;
          const boundUs = sync.boundUs(laterUs);
          assertInside(
            watch.at(laterUs) - host(laterUs) - leastUs,
            boundUs,
            `${(deviceUs - 7e9) / secondUs} s`,
          );
          if (Number.isFinite(boundUs)) bounded++;
        }
        assert.ok(bounded > 0);
      }),
      { numRuns: 60 },
    );
  });

  test('without jitter the skew is found to a few ppm and the bound is small', () => {
    for (const ppm of [-5000, -120, 0, 35, 5000]) {
      const sync = new ClockSync();
      const host = (deviceUs: number): number => 1e9 + deviceUs * (1 + ppm * 1e-6);
      for (let deviceUs = 0; deviceUs < 30 * secondUs; deviceUs += 10_000)
        sync.sample(deviceUs, host(deviceUs) + 700);
      const { skewPpm, boundUs, source } = sync.report()!;
      assert.equal(source, 'arrival');
      assert.ok(Math.abs(skewPpm - ppm) < 3, `${skewPpm} instead of ${ppm}`);
      assert.ok(boundUs < 50, `bound ${boundUs}`);
    }
  });
});

describe('round trips', () => {
  test('the error against host time itself stays inside the bound, from the first one on, whatever the delays are', () => {
    fc.assert(
      fc.property(worlds, fc.nat(20_000), ({ ppm, leastUs, jitterUs, everyUs, loss, seed }, thereUs) => {
        const random = generator(seed);
        const sync = new ClockSync();
        const watch = new Watch(sync);
        let answered = false;
        const host = (deviceUs: number): number => 3e9 + deviceUs * (1 + ppm * 1e-6);
        for (let deviceUs = 0; deviceUs < 40 * secondUs; deviceUs += everyUs) {
          if (random() < loss) continue;
          const arrivedUs = host(deviceUs) + leastUs + random() * jitterUs;
          sync.sample(deviceUs, arrivedUs);
          const asks = Math.floor(deviceUs / secondUs) > Math.floor((deviceUs - everyUs) / secondUs);
          if (asks) {
            const rxUs = deviceUs - random() * 300;
            sync.roundTrip(host(rxUs) - random() * thereUs, rxUs, deviceUs, arrivedUs);
          }
          const laterUs = deviceUs + random() * everyUs;
          const errorUs = watch.at(laterUs) - host(laterUs);
          answered ||= asks;
          if (!answered) continue;
          assert.equal(sync.report()!.source, 'echo');
          assertInside(errorUs, sync.boundUs(laterUs), `${deviceUs / secondUs} s`);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a link of 1 ms each way is bounded to its half round trip and little more', () => {
    const sync = new ClockSync();
    for (let deviceUs = 0; deviceUs < 30 * secondUs; deviceUs += 10_000) {
      const hostUs = 5e9 + deviceUs * 1.0001;
      sync.sample(deviceUs, hostUs + 1000);
      if (deviceUs % secondUs === 0) sync.roundTrip(hostUs - 1000, deviceUs, deviceUs, hostUs + 1000);
    }
    const { boundUs, source } = sync.report()!;
    assert.equal(source, 'echo');
    assert.ok(boundUs < 1200, `bound ${boundUs}`);
    const error = sync.toHostUs(30 * secondUs) - (5e9 + 30 * secondUs * 1.0001);
    assert.ok(Math.abs(error) < 200, `error ${error}`);
  });
});

test('clocks that do not run as supposed lose their bound and get it back', () => {
  const sync = new ClockSync();
  let hostUs = 1e9;
  let lost = false;
  for (let deviceUs = 0; deviceUs < 40 * secondUs; deviceUs += 10_000) {
    hostUs += deviceUs > 10 * secondUs && deviceUs < 11 * secondUs ? 9000 : 10_000;
    sync.sample(deviceUs, hostUs);
    if (deviceUs > 10 * secondUs) lost ||= sync.boundUs(deviceUs) === Number.POSITIVE_INFINITY;
  }
  assert.ok(lost);
  const deviceUs = 40 * secondUs;
  assert.ok(Math.abs(sync.toHostUs(deviceUs) - hostUs - 10_000) <= sync.boundUs(deviceUs));
  assert.ok(sync.boundUs(deviceUs) < 500, `bound ${sync.boundUs(deviceUs)}`);
});
