import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClockSteps } from '../../../runtime/clock-steps.js';
import { FakeClock } from '../../support/clock.js';

const hourUs = 3_600_000_000;

test('a step of the wall clock is noticed once, with its size, in either direction', () => {
  const clock = new FakeClock();
  const steps = new ClockSteps(clock);
  clock.advance(1000);
  assert.equal(steps.look(), 0);
  clock.wallOffsetUs += hourUs;
  assert.deepEqual([steps.look(), steps.look()], [hourUs, 0]);
  clock.wallOffsetUs -= 25 * hourUs;
  assert.equal(steps.look(), -25 * hourUs);
  assert.equal(steps.count, 2);
});

test('small differences count when they have added up to a quarter of a second', () => {
  const clock = new FakeClock();
  const steps = new ClockSteps(clock);
  const found = [100_000, 100_000, 60_000, 10_000].map((us) => {
    clock.wallOffsetUs += us;
    return steps.look();
  });
  assert.deepEqual(found, [0, 0, 260_000, 0]);
});

test('a process that is held up between two readings has seen no step', () => {
  let monoUs = 0;
  let heldUpUs = 0;
  const clock = {
    monoUs: () => monoUs,
    nowUs: () => {
      monoUs += heldUpUs;
      return 1e15 + monoUs;
    },
  };
  const steps = new ClockSteps(clock);
  heldUpUs = 400_000;
  assert.equal(steps.look(), 0);
  heldUpUs = 0;
  assert.deepEqual([steps.look(), steps.count], [0, 0]);
});
