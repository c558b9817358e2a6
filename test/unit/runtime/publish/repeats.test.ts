import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Repeats } from '../../../../runtime/publish/repeats.js';
import { FakeClock } from '../../../support/clock.js';

function setUp() {
  const repeats = new Repeats<number>(new FakeClock());
  let times = 0;
  const ask = (transaction: string, responseTopic?: string): Promise<number> =>
    repeats.once(
      { topic: 'cmd/back', payload: Buffer.alloc(0), transaction, responseTopic },
      async () => ++times,
    );
  return { ask };
}

test('of many requests the latest are remembered', async () => {
  const { ask } = setUp();
  for (let i = 1; i <= 100; i++) await ask(`t${i}`);
  assert.equal(await ask('t100'), 100);
  assert.equal(await ask('t50'), 50);
  assert.equal(await ask('t1'), 101);
});

test('another asker, who wants the answer elsewhere, may use the same name', async () => {
  const { ask } = setUp();
  assert.deepEqual(
    [await ask('1', 'reply/a'), await ask('1', 'reply/b'), await ask('1', 'reply/a')],
    [1, 2, 1],
  );
});

test('the second of two that come at the same time waits for what comes of the first', async () => {
  const { ask } = setUp();
  assert.deepEqual(await Promise.all([ask('t'), ask('t'), ask('u')]), [1, 1, 2]);
});
