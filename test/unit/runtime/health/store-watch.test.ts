import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreWatch } from '../../../../runtime/health/store-watch.js';
import { FakeClock } from '../../../support/clock.js';
import { settled } from '../../../support/scripted-worker.js';

/** A watch over a disk that answers when the test says so. */
function setUp() {
  const told: (string | undefined)[] = [];
  const answers: ((fault?: string) => void)[] = [];
  const clock = new FakeClock();
  const watch = new StoreWatch({
    ...{ folder: '/m', clock },
    onChange: (fault) => told.push(fault),
    check: () =>
      new Promise((resolve, reject) => {
        answers.push((fault) => (fault === undefined ? resolve() : reject(new Error(fault))));
      }),
  });
  return { watch, told, answers, clock };
}

test('a fault is told when it comes, when it is another, and when it goes', async () => {
  const { watch, told, answers } = setUp();
  for (const fault of [undefined, 'gone', 'gone', 'read-only', undefined, undefined]) {
    const looked = watch.look();
    answers.shift()!(fault);
    await looked;
  }
  const words = (why: string): string => `the model store /m cannot be used: ${why}`;
  assert.deepEqual(told, [words('gone'), words('read-only'), undefined]);
  assert.equal(watch.fault, undefined);
});

test('a disk that does not answer is asked once', async () => {
  const { watch, answers } = setUp();
  const first = watch.look();
  await watch.look();
  assert.equal(answers.length, 1);
  answers[0]!('gone');
  await first;
  assert.match(watch.fault!, /gone$/);
});

test('a disk that does not answer for 5 s is a fault, until it does', async () => {
  const { watch, answers, told, clock } = setUp();
  const look = watch.look();
  clock.advance(5000);
  await settled();
  assert.match(watch.fault!, /the disk does not answer$/);
  answers[0]!();
  await look;
  assert.deepEqual([watch.fault, told.length, clock.waiting], [undefined, 2, 0]);
});
