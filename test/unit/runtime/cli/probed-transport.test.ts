import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { memoryPair, TransportError } from '../../../../devices/index.js';
import { ProbedTransport } from '../../../../runtime/cli/probed-transport.js';
import { FakeClock } from '../../../support/clock.js';

/** An open pipe, probed, between `near` and `far`; its probe fails when `dead` is set. */
async function setUp() {
  const clock = new FakeClock();
  const [inner, far] = memoryPair();
  const bench = {
    near: new ProbedTransport(inner, { clock }),
    far,
    clock,
    dead: false,
    probes: 0,
    closings: 0,
  };
  inner.probe = async () => {
    bench.probes++;
    if (bench.dead) throw new TransportError('EIO', 'has hung up');
  };
  await bench.near.open({ data: () => {}, closed: () => bench.closings++ });
  await far.open({ data: () => {}, closed: () => {} });
  return bench;
}

async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    for (let i = 0; i < 4; i++) await nextTurn();
    clock.advance(100);
  }
  for (let i = 0; i < 4; i++) await nextTurn();
}

test('a pipe that leads nowhere any more is closed within 100 ms, though nothing was said of it', async () => {
  const bench = await setUp();
  await pass(bench.clock, 300);
  assert.deepEqual([bench.probes, bench.closings], [3, 0]);
  bench.dead = true;
  await pass(bench.clock, 100);
  assert.equal(bench.closings, 1);
  await pass(bench.clock, 1000);
  assert.deepEqual([bench.probes, bench.closings, bench.clock.waiting], [4, 1, 0]);
});

test('a pipe that was closed, by either side, is not probed, and leaves no timer', async () => {
  for (const end of ['near', 'far'] as const) {
    const bench = await setUp();
    await bench[end].close();
    await pass(bench.clock, 1000);
    assert.deepEqual([bench.probes, bench.closings, bench.clock.waiting], [0, 1, 0], end);
  }
});
