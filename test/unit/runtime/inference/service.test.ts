import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InferenceService, type WindowJob } from '../../../../runtime/inference/index.js';
import { FakeClock } from '../../../support/clock.js';
import { recordingLog } from '../../../support/log.js';
import { ScriptedWorkers, settled } from '../../../support/scripted-worker.js';

const source = { path: 'm.safetensors', engine: { name: 'event' } };

/** A service whose workers are scripted, with one model under handle 1. */
async function serviceWithModel(workers = 1) {
  const clock = new FakeClock();
  const scripts = Array.from({ length: workers }, () => new ScriptedWorkers());
  let next = 0;
  const { log: faults, lines } = recordingLog();
  const service = new InferenceService({
    ...{ clock, log: faults },
    workers,
    spawn: (events) => scripts[next++ % workers]!.spawn(events),
  });
  service.start();
  const loading = service.load(source);
  for (const script of scripts) await script.reply('load', { value: { id: 'm' } });
  assert.ok((await loading).ok);
  const log: string[] = [];
  const job = (name: string): WindowJob => ({
    handle: 1,
    run: async (worker) => {
      const outcome = await worker.infer(1, Uint32Array.of(1));
      return () => log.push(outcome.ok ? `${name} ${outcome.value}` : `${name} ${outcome.reason}`);
    },
    dropped: (reason) => log.push(`${name} ${reason}`),
  });
  return { clock, scripts, script: scripts[0]!, service, log, lines, job };
}

test('a full queue gives up the oldest waiting window, never the one at the worker', async () => {
  const { script, service, log, job } = await serviceWithModel();
  const lane = service.open(2, () => {});
  for (const name of ['a', 'b', 'c', 'd']) service.submit(lane, job(name));
  assert.deepEqual(log, ['b newer']);
  for (const answer of [1, 2, 3]) await script.reply('infer', { value: answer });
  assert.deepEqual(log, ['b newer', 'a 1', 'c 2', 'd 3']);
});

test('pipelines take turns, whatever the length of their queues', async () => {
  const { script, service, log, job } = await serviceWithModel();
  const [busy, quiet] = [service.open(10, () => {}), service.open(10, () => {})];
  for (const name of ['a1', 'a2', 'a3', 'a4']) service.submit(busy, job(name));
  service.submit(quiet, job('b1'));
  for (let i = 0; i < 5; i++) await script.reply('infer', { value: i });
  assert.deepEqual(
    log.map((line) => line.slice(0, 2)),
    ['a1', 'b1', 'a2', 'a3', 'a4'],
  );
});

test('with two workers, answers still come in the order of a pipeline’s windows', async () => {
  const { scripts, service, log, job } = await serviceWithModel(2);
  const [first, second] = [service.open(10, () => {}), service.open(10, () => {})];
  for (const name of ['a1', 'a2']) service.submit(first, job(name));
  assert.deepEqual(
    scripts.map(({ open }) => open),
    [['infer'], []],
    'a2 waits for a1',
  );
  service.submit(second, job('b1'));
  assert.deepEqual(
    scripts.map(({ open }) => open),
    [['infer'], ['infer']],
  );
  await scripts[1]!.reply('infer', { value: 'late' });
  await scripts[0]!.reply('infer', { value: 'yes' });
  await scripts[0]!.reply('infer', { value: 'yes' });
  assert.deepEqual(log, ['b1 late', 'a1 yes', 'a2 yes']);
});

test('one worker of two crashes: the other serves on', async () => {
  const { scripts, service, log, job } = await serviceWithModel(2);
  const lane = service.open(10, () => {});
  service.submit(lane, job('a1'));
  service.submit(lane, job('a2'));
  await scripts[0]!.crash();
  assert.equal(service.workersUp, 1);
  await scripts[1]!.reply('infer', { value: 'yes' });
  assert.deepEqual(log, ['a1 the inference worker ended: out of luck', 'a2 yes']);
  assert.equal(service.failure(1), undefined);
});

test('a model that one worker refuses is refused by all', async () => {
  const { scripts, service } = await serviceWithModel(2);
  const loading = service.load(source);
  await scripts[0]!.reply('load', { value: { id: 'm' } });
  await scripts[1]!.reply('load', { reason: 'no memory' });
  await scripts[0]!.reply('unload', { value: undefined });
  assert.deepEqual(await loading, { ok: false, reason: 'no memory' });
});

test('stop finishes what waits', async () => {
  const { script, service, log, job } = await serviceWithModel();
  const lane = service.open(10, () => {});
  for (const name of ['a', 'b']) service.submit(lane, job(name));
  const stopped = service.stop(1000);
  service.submit(lane, job('c'));
  await script.reply('infer', { value: 1 });
  await script.reply('infer', { value: 2 });
  await stopped;
  assert.deepEqual(log, ['c stopped', 'a 1', 'b 2']);
  assert.equal(script.terminated, 1);
});

test('stop waits no longer than it was told', async () => {
  const { clock, service, log, job } = await serviceWithModel();
  const lane = service.open(10, () => {});
  for (const name of ['a', 'b']) service.submit(lane, job(name));
  const stopped = service.stop(1000);
  clock.advance(1000);
  await stopped;
  await settled();
  assert.deepEqual(log, ['b stopped', 'a the runtime stops']);
  assert.equal(clock.waiting, 0);
});

test('a fault in asking, or in what is done with an answer, is told and holds up nobody', async () => {
  const { script, service, log, lines, job } = await serviceWithModel();
  const lane = service.open(10, () => {});
  const faulty = (run: WindowJob['run']): WindowJob => ({ ...job(''), run });
  const deal = faulty(async (worker) => {
    await worker.infer(1, Uint32Array.of(1));
    return () => {
      throw new Error('a deal');
    };
  });
  for (const each of [deal, deal, faulty(() => Promise.reject(new Error('a job'))), job('a')])
    service.submit(lane, each);
  for (let i = 0; i < 3; i++) await script.reply('infer', { value: i });
  assert.deepEqual(log, ['a 2']);
  assert.deepEqual(
    lines.map(({ level, facts }) => `${level}: ${(facts['err'] as Error).message}`),
    ['error: a deal', 'debug: a deal', 'error: a job'],
  );
  await service.stop(1000);
});

test('an idle service stops at once', async () => {
  const { service, script } = await serviceWithModel();
  await service.stop(1000);
  assert.equal(script.terminated, 1);
});

test('each pipeline has a home, the workers have equally many, and who leaves makes room', async () => {
  const { scripts, service, log, job } = await serviceWithModel(2);
  const lanes = Array.from({ length: 4 }, () => service.open(10, () => {}));
  await service.close(lanes[1]!, 'stopped');
  const late = service.open(10, () => {});
  assert.equal(late.home, lanes[3]!.home);
  assert.equal(lanes.filter(({ home }) => home === lanes[0]!.home).length, 2);
  for (const round of [1, 2]) {
    service.submit(lanes[0]!, job(`a${round}`));
    service.submit(lanes[2]!, job(`b${round}`));
  }
  assert.deepEqual(
    scripts.map(({ open }) => open),
    [['infer'], []],
    'they do not go to the worker that is idle',
  );
  for (let i = 0; i < 4; i++) await scripts[0]!.reply('infer', { value: i });
  assert.deepEqual(log, ['a1 0', 'b1 1', 'a2 2', 'b2 3']);
});

test('who is away from home while that is down goes back', async () => {
  const { clock, scripts, service, log, job } = await serviceWithModel(2);
  const lane = service.open(10, () => {});
  await scripts[0]!.crash();
  service.submit(lane, job('away'));
  await scripts[1]!.reply('infer', { value: 1 });
  clock.advance(100);
  service.submit(lane, job('still away'));
  await scripts[1]!.reply('infer', { value: 2 });
  await scripts[0]!.reply('load', { value: { id: 'm' } });
  service.submit(lane, job('home'));
  await scripts[0]!.reply('infer', { value: 3 });
  assert.deepEqual(log, ['away 1', 'still away 2', 'home 3']);
});

test('news of a window under way waits behind whole windows, once, in turn, and can be withdrawn', async () => {
  const { script, service, log, job } = await serviceWithModel();
  const lane = service.open(10, () => {});
  const [x, y, z] = [job('x'), job('y'), job('z')];
  service.submit(lane, job('a'));
  service.offer(lane, [x, y, z]);
  service.offer(lane, [x]);
  service.submit(lane, job('b'));
  service.withdraw(lane, y);
  for (let i = 0; i < 4; i++) await script.reply('infer', { value: i });
  assert.deepEqual(log, ['a 0', 'b 1', 'x 2', 'z 3']);
  assert.deepEqual(script.open, []);
});
