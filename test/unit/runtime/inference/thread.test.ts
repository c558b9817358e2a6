import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventsFrom } from '../../../../devices/index.js';
import { systemClock } from '../../../../runtime/clock.js';
import { InferenceCore } from '../../../../runtime/inference/core.js';
import {
  InferenceService,
  Pipeline,
  type PipelineLoss,
  type PipelineResult,
  type ServiceOptions,
  threadWorker,
} from '../../../../runtime/inference/index.js';
import type { Outcome } from '../../../../runtime/inference/tickets.js';
import { threadWorkerOf } from '../../../../runtime/inference/worker-port.js';
import { smallModelFile, smallNetwork, temporaryFolder } from '../../../support/small-model.js';
import { at } from '../../../support/window-rows.js';

const engine = { name: 'event' };
const folder = temporaryFolder();

function classify(service: InferenceService, handle: number, cells: number[]): Promise<Outcome<'infer'>> {
  const lane = service.open(1, () => {});
  return new Promise((resolve, reject) => {
    service.submit(lane, {
      handle,
      run: async (worker) => {
        const outcome = await worker.infer(handle, Uint32Array.from(cells));
        return () => resolve(outcome);
      },
      dropped: (reason) => reject(new Error(reason)),
    });
  });
}

test('a worker thread answers as the same core does in this thread', async () => {
  const path = await smallModelFile(folder);
  const core = new InferenceCore(systemClock);
  await core.load(1, { path, engine });
  const service = new InferenceService({ clock: systemClock, spawn: threadWorker });
  service.start();
  const loaded = await service.load({ path, engine });
  assert.ok(loaded.ok);
  assert.equal(loaded.model.id, 'small');
  for (const cells of [[], [0, 3, 8], [1, 5, 9, 13, 17, 21]]) {
    const outcome = await classify(service, loaded.handle, cells);
    assert.ok(outcome.ok);
    const expected = await core.infer(1, Uint32Array.from(cells));
    assert.deepEqual({ ...outcome.value, durations: 0 }, { ...expected, durations: 0 });
  }
  const refused = await service.load({ path: `${folder}/absent.safetensors`, engine });
  assert.ok(!refused.ok);
  assert.match(refused.reason, /ENOENT/);
  await service.stop();
});

test('a thread that dies loses one window and comes back', async () => {
  const service = new InferenceService({
    clock: systemClock,
    backoffMs: { min: 1, max: 1 },
    spawn: threadWorkerOf(new URL('../../../support/crashing-worker.js', import.meta.url)),
  });
  service.start();
  const loaded = await service.load({ path: await smallModelFile(folder), engine });
  assert.ok(loaded.ok);
  const lost = await classify(service, loaded.handle, [23]);
  assert.ok(!lost.ok && lost.lost);
  assert.match(lost.reason, /the inference worker ended: exit code 7/);
  const answered = await classify(service, loaded.handle, [22]);
  assert.ok(answered.ok);
  assert.deepEqual({ ...service.counters[0] }, { answered: 1, steps: 0, failed: 0, lost: 1, crashes: 1 });
  await service.stop();
});

/** Fingers with windows of 8 bins of 2 ms, each at a pipeline of its own. */
async function fingers(count: number, options: Omit<ServiceOptions, 'clock'>) {
  const service = new InferenceService({ clock: systemClock, ...options });
  service.start();
  const network = smallNetwork(1, { taxels: 3, channels: 2, bins: 8, binUs: 2000 });
  const path = await smallModelFile(folder, network);
  const results: PipelineResult[] = [];
  const losses: PipelineLoss[] = [];
  let told = (): void => {};
  const pipelines = Array.from(
    { length: count },
    (_, i) =>
      new Pipeline(
        {
          name: `finger ${i}`,
          sensors: ['finger'],
          model: { path, engine },
          policy: { kind: 'sliding', hopUs: 16_000, emitEmpty: false },
          queueLimit: 64,
          everyBins: 1,
          onResult: (result) => {
            results.push(result);
            told();
          },
          onLoss: (loss) => losses.push(loss),
        },
        service,
        systemClock,
      ),
  );
  for (const pipeline of pipelines) await pipeline.start();
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise<void>((resolve) => (told = resolve));
  };
  return { service, pipelines, results, losses, until, path };
}

test('a thread that dies within a window takes nothing with it', async () => {
  const { service, pipelines, results, losses, until, path } = await fingers(1, {
    backoffMs: { min: 1, max: 1 },
    spawn: threadWorkerOf(new URL('../../../support/crashing-worker.js', import.meta.url)),
  });
  const [pipeline] = pipelines;
  pipeline!.add(0, at(100, 2100));
  await until(() => results.length === 1);
  pipeline!.add(0, at(4100)); // bin 1: cell 6
  await until(() => results.length === 2);
  pipeline!.add(0, eventsFrom([[4200, 0, 0]])); // cell 13, in bin 2
  pipeline!.add(0, at(6100));
  await until(() => results.length === 3);
  pipeline!.advance(0, 16_000);
  await until(() => results.length === 4);
  assert.deepEqual(
    results.map(({ bin, final }) => [bin, final]),
    [
      [1, false],
      [2, false],
      [3, false],
      [8, true],
    ],
  );
  assert.deepEqual(losses, []);
  assert.equal(service.counters[0]!.crashes, 1);
  const core = new InferenceCore(systemClock);
  await core.load(1, { path, engine });
  const whole = await core.infer(1, Uint32Array.of(0, 6, 12, 13, 18));
  assert.deepEqual(results.at(-1)!.counts, whole.counts);
  await service.stop();
});

test('fingers on two threads: each answer there, in order, and both threads at work', async () => {
  const { service, pipelines, results, losses, until } = await fingers(6, { workers: 2 });
  const windows = 5;
  for (let bin = 0; bin < windows * 8; bin++) {
    for (const pipeline of pipelines) pipeline.add(0, at(bin * 2000 + 100));
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (const pipeline of pipelines) pipeline.flush();
  await until(() => results.filter(({ final }) => final).length === 6 * windows);
  for (const { name } of pipelines) {
    const own = results.filter(({ pipeline }) => pipeline === name);
    const places = own.map(({ window, bin }) => window.index * 8 + bin);
    assert.deepEqual(
      places,
      [...places].sort((a, b) => a - b),
    );
    assert.deepEqual(
      own.filter(({ final }) => final).map(({ window }) => window.index),
      [0, 1, 2, 3, 4],
    );
  }
  assert.deepEqual(losses, []);
  assert.deepEqual(
    service.counters.map(({ answered }) => answered),
    [3 * windows, 3 * windows],
  );
  await service.stop();
});
