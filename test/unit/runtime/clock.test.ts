import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { systemClock } from '../../../runtime/clock.js';
import { isLoopback } from '../../../runtime/loopback.js';
import { FakeClock } from '../../support/clock.js';

test('the wall clock is Date.now() with whole microseconds, within its millisecond', () => {
  for (let i = 0; i < 2000; i++) {
    const before = Date.now();
    const us = systemClock.nowUs();
    const after = Date.now();
    assert.ok(Number.isSafeInteger(us));
    assert.ok(us >= before * 1000 && us < (after + 1) * 1000, `${us} is not in ${before} .. ${after} ms`);
  }
});

test('it is finer than a millisecond', () => {
  const seen = new Set<number>();
  for (let i = 0; i < 20_000; i++) seen.add(systemClock.nowUs() % 1000);
  assert.ok(seen.size > 20, `${seen.size} different microseconds`);
});

test('the monotonic clock never goes back, and is the same in every thread', async () => {
  let last = systemClock.monoUs();
  for (let i = 0; i < 5000; i++) {
    const now = systemClock.monoUs();
    assert.ok(Number.isSafeInteger(now) && now >= last);
    last = now;
  }
  const module = new URL('../../../runtime/clock.js', import.meta.url);
  const worker = new Worker(
    `import(${JSON.stringify(module.href)}).then((m) => require('node:worker_threads').parentPort.postMessage(m.systemClock.monoUs()))`,
    { eval: true },
  );
  const there = await new Promise<number>((resolve) => worker.once('message', resolve));
  const now = systemClock.monoUs();
  assert.ok(there >= last && there <= now, `${last} .. ${there} .. ${now}`);
  await worker.terminate();
});

test('the fake clock runs timers in the order they are due, those set meanwhile too', () => {
  const clock = new FakeClock();
  const seen: [string, number][] = [];
  const note = (name: string) => () => seen.push([name, clock.monoUs()]);
  clock.setTimer(note('b'), 20);
  clock.setTimer(() => {
    note('a')();
    clock.setTimer(note('c'), 15);
  }, 10);
  clock.clearTimer(clock.setTimer(note('never'), 5));
  clock.advance(24);
  assert.deepEqual(seen, [
    ['a', 10_000],
    ['b', 20_000],
  ]);
  clock.advance(1);
  assert.deepEqual(seen.at(-1), ['c', 25_000]);
  assert.equal(clock.nowUs() - clock.monoUs(), clock.wallOffsetUs);
});

test('loopback addresses', () => {
  for (const host of [
    'localhost',
    '127.0.0.1',
    '127.8.9.1',
    '::1',
    '[::1]',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
  ])
    assert.ok(isLoopback(host), host);
  for (const host of [
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '128.0.0.1',
    '1::1',
    '::2',
    'localhost.example',
    '127.0.0.1.example',
    '',
  ])
    assert.equal(isLoopback(host), false, host);
});
