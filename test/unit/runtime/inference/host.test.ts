import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InferenceHost } from '../../../../runtime/inference/host.js';
import { FakeClock } from '../../../support/clock.js';
import { ScriptedWorkers, settled } from '../../../support/scripted-worker.js';

const source = { path: 'm.safetensors', engine: { name: 'event' } };
const cells = () => Uint32Array.of(1, 2);

async function hostWithModel() {
  const clock = new FakeClock();
  const workers = new ScriptedWorkers();
  let changes = 0;
  const host = new InferenceHost({
    clock,
    spawn: workers.spawn,
    backoffMs: { min: 100, max: 300 },
    limitsMs: { load: 5000, unload: 1000, infer: 1000, step: 1000 },
    onChange: () => changes++,
  });
  host.start();
  const loading = host.load(1, source);
  await workers.reply('load', { value: { id: 'm' } });
  assert.deepEqual(await loading, { ok: true, value: { id: 'm' } });
  return { clock, workers, host, changes: () => changes };
}

test('one window at a time', async () => {
  const { workers, host, clock } = await hostWithModel();
  assert.ok(host.isFreeFor(1));
  assert.ok(!host.isFreeFor(2));
  const answer = host.infer(1, cells());
  assert.ok(!host.isFreeFor(1));
  await workers.reply('infer', { value: 'yes' });
  assert.deepEqual(await answer, { ok: true, value: 'yes' });
  assert.ok(host.isFreeFor(1));
  assert.equal(host.counters.answered, 1);
  assert.equal(clock.waiting, 0, 'no timer is left behind');
});

test('a window that the worker refuses is failed, not lost', async () => {
  const { workers, host } = await hostWithModel();
  const answer = host.infer(1, cells());
  await workers.reply('infer', { reason: 'no window' });
  assert.deepEqual(await answer, { ok: false, lost: false, reason: 'no window' });
  assert.deepEqual({ ...host.counters }, { answered: 0, steps: 0, failed: 1, lost: 0, crashes: 0 });
});

test('a crash loses one window, says so, and the worker comes back with its models', async () => {
  const { workers, host, clock, changes } = await hostWithModel();
  const answer = host.infer(1, cells());
  await workers.crash();
  assert.deepEqual(await answer, {
    ok: false,
    lost: true,
    reason: 'the inference worker ended: out of luck',
  });
  assert.deepEqual({ ...host.counters }, { answered: 0, steps: 0, failed: 0, lost: 1, crashes: 1 });
  assert.ok(!host.isUp);
  clock.advance(99);
  assert.equal(workers.spawned, 1);
  clock.advance(1);
  assert.equal(workers.spawned, 2);
  assert.ok(!host.isFreeFor(1), 'not before the model is back');
  await workers.reply('load', { value: { id: 'm' } });
  assert.ok(host.isFreeFor(1));
  assert.equal(changes(), 1);
});

test('pauses grow to a limit, and start anew after an answer', async () => {
  const { workers, host, clock } = await hostWithModel();
  const pauses: number[] = [];
  const crash = async () => {
    await workers.crash();
    pauses.push(clock.nextDueMs!);
    clock.advance(300);
    await workers.reply('load', { value: { id: 'm' } });
  };
  for (let i = 0; i < 4; i++) await crash();
  const answer = host.infer(1, cells());
  await workers.reply('infer', { value: 'yes' });
  await answer;
  await crash();
  assert.deepEqual(pauses, [100, 200, 300, 300, 100]);
});

test('a worker that does not answer is ended and started again', async () => {
  const { workers, host, clock } = await hostWithModel();
  const answer = host.infer(1, cells());
  clock.advance(1000);
  await settled();
  const outcome = await answer;
  assert.ok(!outcome.ok && outcome.lost && /no answer to infer within 1000 ms/.test(outcome.reason));
  assert.equal(workers.terminated, 1);
  clock.advance(100);
  assert.equal(workers.spawned, 2);
});

test('a model that takes the worker down with it is given up, the others stay', async () => {
  const { workers, host, clock } = await hostWithModel();
  const loading = host.load(2, source);
  await workers.reply('load', { value: { id: 'other' } });
  await loading;
  await workers.crash();
  for (let attempt = 0; attempt < 3; attempt++) {
    assert.equal(host.failure(1), undefined);
    clock.advance(300);
    await workers.crash('bad model');
  }
  assert.match(host.failure(1)!, /bad model/);
  clock.advance(300);
  assert.deepEqual(workers.open, ['load'], 'only the other one is loaded again');
  await workers.reply('load', { value: { id: 'other' } });
  assert.ok(host.isFreeFor(2));
});

test('a model that is refused when it is loaded again has failed', async () => {
  const { workers, host, clock } = await hostWithModel();
  await workers.crash();
  clock.advance(100);
  await workers.reply('load', { reason: 'file is gone' });
  assert.equal(host.failure(1), 'file is gone');
  assert.ok(!host.isFreeFor(1));
});

test('a crash while a new model is loaded refuses that model only', async () => {
  const { workers, host, clock } = await hostWithModel();
  const loading = host.load(2, source);
  await workers.crash();
  const outcome = await loading;
  assert.ok(!outcome.ok && outcome.lost);
  clock.advance(100);
  assert.equal(workers.requests.length, 1);
  await workers.reply('load', { value: { id: 'm' } });
  assert.ok(host.isFreeFor(1));
});

test('stop ends the worker for good', async () => {
  const { workers, host, clock } = await hostWithModel();
  const answer = host.infer(1, cells());
  await host.stop();
  assert.deepEqual(await answer, { ok: false, lost: true, reason: 'the runtime stops' });
  assert.equal(workers.terminated, 1);
  await workers.crash();
  clock.advance(10_000);
  assert.equal(workers.spawned, 1);
  assert.equal(clock.waiting, 0);
});

test('a stop during the pause before a restart cancels the restart', async () => {
  const { workers, host, clock } = await hostWithModel();
  await workers.crash();
  await host.stop();
  clock.advance(10_000);
  assert.equal(workers.spawned, 1);
});
