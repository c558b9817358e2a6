import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  InferenceService,
  Pipeline,
  type PipelineLoss,
  type PipelineOptions,
  type PipelineResult,
} from '../../../../runtime/inference/index.js';
import { FakeClock } from '../../../support/clock.js';
import { ScriptedWorkers } from '../../../support/scripted-worker.js';
import { at } from '../../../support/window-rows.js';

const input = { taxels: 3, channels: 2, bins: 8, binUs: 10 };
const model = { id: 'm', engine: 'event', input, labels: ['a'], medianUs: 5, streamBinUs: 1 };
const answer = { value: { decision: { label: 'a' }, durations: { encodeUs: 0, inferUs: 1, postUs: 1 } } };

/** A pipeline over a scripted worker; windows of 80 us, a new one every 20 us. */
async function setUp(change: Partial<PipelineOptions> = {}) {
  const clock = new FakeClock();
  const worker = new ScriptedWorkers();
  const service = new InferenceService({ clock, spawn: worker.spawn });
  service.start();
  const results: PipelineResult[] = [];
  const losses: PipelineLoss[] = [];
  const pipeline = new Pipeline(
    {
      ...{ name: 'p', sensors: ['finger'], model: { path: 'm', engine: { name: 'event' } } },
      policy: { kind: 'sliding', hopUs: 80, emitEmpty: false },
      ...{ queueLimit: 3, everyBins: 2 },
      onResult: (result) => results.push(result),
      onLoss: (loss) => losses.push(loss),
      ...change,
    },
    service,
    clock,
  );
  const started = pipeline.start();
  await worker.reply('load', { value: model });
  await started;
  const causes = (): string[] => losses.map(({ cause, window }) => `${window.index} ${cause}`);
  return { clock, worker, pipeline, results, causes };
}

test('level 2: updates that are due are counted and not asked for; the last answer is that of all bins', async () => {
  const { worker, pipeline, results } = await setUp();
  pipeline.shed(2);
  pipeline.add(0, at(1, 12, 25, 49, 61));
  assert.deepEqual([worker.open, pipeline.counters.shedUpdates], [[], 1]);
  pipeline.add(0, at(79));
  assert.equal(pipeline.counters.shedUpdates, 1, 'bin 7 is none of which there is to be an answer');
  pipeline.add(0, at(81));
  assert.deepEqual(worker.open, ['infer']);
  const [request] = worker.requests as unknown as { cells: Uint32Array }[];
  assert.deepEqual([...request!.cells], [0, 6, 12, 24, 36, 42]);
  await worker.reply('infer', answer);
  assert.deepEqual([results.length, pipeline.counters.answered, pipeline.counters.updates], [1, 1, 0]);
});

test('back from level 2, updates go on with all bins, those of which nothing was asked too', async () => {
  const { worker, pipeline, results } = await setUp();
  pipeline.shed(2);
  pipeline.add(0, at(1, 12, 25));
  pipeline.shed(1);
  pipeline.add(0, at(45));
  const [step] = worker.requests as unknown as { from: number; to: number; cells: Uint32Array }[];
  assert.deepEqual([step!.from, step!.to, [...step!.cells]], [0, 4, [0, 6, 12]]);
  await worker.reply('step', answer);
  assert.deepEqual([results.length, pipeline.counters.shedUpdates], [1, 1]);
});

test('an update that is at the worker when updates are shed is told, and none follows it', async () => {
  const { worker, pipeline, results } = await setUp();
  pipeline.add(0, at(1, 25));
  assert.deepEqual(worker.open, ['step']);
  pipeline.shed(2);
  pipeline.add(0, at(45));
  await worker.reply('step', answer);
  assert.deepEqual([results.length, worker.open, pipeline.counters.shedUpdates], [1, [], 1]);
});

test('level 3: only the newest window waits; those that give way are counted as shed, not as dropped', async () => {
  const { worker, pipeline, results, causes } = await setUp({ everyBins: 0 });
  pipeline.add(0, at(1, 81, 161, 241, 321, 401));
  assert.deepEqual(causes(), ['1 newer'], 'window 0 is at the worker, three wait');
  pipeline.shed(3);
  assert.deepEqual(causes(), ['1 newer', '2 shed', '3 shed']);
  pipeline.add(0, at(481));
  assert.deepEqual(causes().at(-1), '4 shed');
  assert.equal(pipeline.isBusy, true);
  for (let i = 0; i < 2; i++) await worker.reply('infer', answer);
  assert.equal(pipeline.isBusy, false);
  assert.deepEqual(
    results.map(({ window, dropped: before }) => [window.index, before]),
    [
      [0, 4],
      [5, 4],
    ],
  );
  const { windows, answered, dropped, shedWindows } = pipeline.counters;
  assert.deepEqual([windows, answered, dropped, shedWindows], [6, 2, 1, 3]);
});

test('back from level 3 as many windows wait as before', async () => {
  const { pipeline, causes } = await setUp({ everyBins: 0 });
  pipeline.shed(3);
  pipeline.shed(0);
  pipeline.add(0, at(1, 81, 161, 241, 321));
  assert.deepEqual(causes(), []);
});

test('a level holds for the queue of the next model, too', async () => {
  const { clock, worker, pipeline, causes } = await setUp({ everyBins: 0 });
  pipeline.shed(3);
  pipeline.add(0, at(1, 81));
  await worker.crash();
  clock.advance(100);
  await worker.reply('load', { reason: 'the file is gone' });
  assert.equal(pipeline.state, 'failed');
  const next = pipeline.prepare({ path: 'n', engine: { name: 'event' } }, 1000);
  await worker.reply('load', { value: model });
  const prepared = await next;
  assert.ok(prepared.ok);
  pipeline.serve(prepared.prepared);
  pipeline.add(0, at(161, 241, 321, 401, 481));
  assert.equal(causes().filter((cause) => cause.endsWith('shed')).length, 2);
});

test('recordings leave out nothing', async () => {
  const { worker, pipeline } = await setUp({ everyAnswer: true });
  pipeline.shed(3);
  pipeline.add(0, at(1, 25));
  assert.deepEqual([pipeline.mayShed, pipeline.shedLevel, worker.open], [false, 0, ['step']]);
});
