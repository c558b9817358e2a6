import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atMost, inTime } from '../../../runtime/at-most.js';
import { FakeClock } from '../../support/clock.js';
import { settled } from '../../support/scripted-worker.js';

const never = new Promise<never>(() => {});

test('in time: it is told so, and no timer is left', async () => {
  const clock = new FakeClock();
  assert.equal(await atMost(clock, 100, Promise.resolve('x')), true);
  assert.equal(await inTime(clock, 100, Promise.resolve('x'), () => new Error('late')), 'x');
  assert.equal(clock.waiting, 0);
});

test('a rejection comes through, and no timer is left', async () => {
  const clock = new FakeClock();
  await assert.rejects(atMost(clock, 100, Promise.reject(new Error('broken'))), /broken/);
  await assert.rejects(
    inTime(clock, 100, Promise.reject(new Error('broken')), () => new Error('late')),
    /broken/,
  );
  assert.equal(clock.waiting, 0);
});

test('late: at the time, not before', async () => {
  const clock = new FakeClock();
  let outcome: boolean | undefined;
  const waited = atMost(clock, 100, never).then((fulfilled) => {
    outcome = fulfilled;
  });
  clock.advance(99);
  await settled();
  assert.equal(outcome, undefined);
  clock.advance(1);
  await waited;
  assert.equal(outcome, false);
  const late = inTime(clock, 100, never, () => new Error(`late at ${clock.monoUs()}`));
  clock.advance(100);
  await assert.rejects(late, /late at 200000/);
  assert.equal(clock.waiting, 0);
});

test('a rejection after the time harms nobody', async () => {
  const clock = new FakeClock();
  let fail = (_: Error): void => {};
  const promise = new Promise<void>((_, reject) => {
    fail = reject;
  });
  const waited = atMost(clock, 100, promise);
  clock.advance(100);
  assert.equal(await waited, false);
  fail(new Error('too late to matter')); // the test would fail on an unhandled rejection
  await settled();
});
