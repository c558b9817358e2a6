import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide, engineByName, windowFromCells } from '../../../../models/index.js';
import { InferenceCore } from '../../../../runtime/inference/core.js';
import type { ServiceOptions } from '../../../../runtime/inference/index.js';
import {
  InferenceService,
  localWorker,
  Pipeline,
  type PipelineLoss,
  type PipelineOptions,
  type PipelineResult,
} from '../../../../runtime/inference/index.js';
import { FakeClock } from '../../../support/clock.js';
import { pipelineCounters } from '../../../support/counters.js';
import { ScriptedWorkers, settled } from '../../../support/scripted-worker.js';
import { smallModelFile, smallNetwork, temporaryFolder } from '../../../support/small-model.js';
import { at } from '../../../support/window-rows.js';

const path = await smallModelFile(temporaryFolder());

/** A clock on which every look takes 10 us. */
class TickingClock extends FakeClock {
  private looks = 0;
  override monoUs(): number {
    return super.monoUs() + 10 * this.looks++;
  }
}

function setUp(change: Partial<PipelineOptions> = {}, spawn?: ServiceOptions['spawn']) {
  const clock = new TickingClock();
  const results: PipelineResult[] = [];
  const losses: PipelineLoss[] = [];
  const states: string[] = [];
  const service = new InferenceService({ clock, spawn: spawn ?? localWorker(new InferenceCore(clock)) });
  service.start();
  const pipeline = new Pipeline(
    {
      name: 'grip',
      sensors: ['finger'],
      model: { path, engine: { name: 'event' } },
      policy: { kind: 'sliding', hopUs: 40, emitEmpty: false },
      queueLimit: 4,
      everyBins: 0,
      onResult: (result) => results.push(result),
      onLoss: (loss) => losses.push(loss),
      onState: (state, reason) => states.push(reason === '' ? state : `${state}: ${reason}`),
      ...change,
    },
    service,
    clock,
  );
  return { clock, service, pipeline, results, losses, states };
}

test('events become results, in order, each with its window, model, answer and timings', async () => {
  const { pipeline, results, states } = setUp();
  await pipeline.start();
  pipeline.add(0, at(1, 12, 45, 81));
  pipeline.advance(0, 120);
  for (let i = 0; i < 5; i++) await settled();
  assert.deepEqual(states, ['loading', 'running']);
  assert.deepEqual(
    results.map(({ window }) => [window.index, window.startUs, window.events]),
    [
      [0, 0, 2],
      [1, 40, 1],
      [2, 80, 1],
    ],
  );
  const network = smallNetwork();
  const engine = await engineByName('reference').compile(network);
  const [outcome] = await engine.run([windowFromCells(network.spec.input, [0, 6])]);
  const [first] = results;
  assert.deepEqual(first!.decision, decide(network.spec, outcome!));
  assert.deepEqual([first!.pipeline, first!.sensors, first!.model.id], ['grip', ['finger'], 'small']);
  assert.equal('cells' in first!.window, false);
  assert.deepEqual(pipeline.counters, pipelineCounters({ windows: 3, answered: 3 }));
});

test('the parts of the latency add up, from the arrival of the chunk that closed the window', async () => {
  const { clock, pipeline, results } = setUp();
  await pipeline.start();
  pipeline.add(0, at(1));
  const arrivedUs = clock.monoUs() - 5000;
  pipeline.advance(0, 40, arrivedUs);
  await settled();
  const { ingestUs, waitUs, encodeUs, inferUs, postUs, totalUs } = results[0]!.timings;
  assert.ok(ingestUs >= 5000 && ingestUs < 5100);
  assert.deepEqual([encodeUs, inferUs, postUs], [10, 10, 10]);
  assert.ok(waitUs > 0);
  assert.equal(ingestUs + waitUs + encodeUs + inferUs + postUs, totalUs);
});

test('an answer that takes longer than the deadline, as it is then, is late and counted', async () => {
  const workers = new ScriptedWorkers();
  let deadlineUs = 3000;
  const { clock, pipeline, results } = setUp({ deadlineUs: () => deadlineUs }, workers.spawn);
  const started = pipeline.start();
  await workers.reply('load', { value: loadedModel });
  await started;
  for (const [i, takesMs] of [2, 4, 4].entries()) {
    pipeline.add(0, at(1 + 40 * i));
    pipeline.advance(0, 40 + 40 * i);
    clock.advance(takesMs);
    if (i === 2) deadlineUs = 5000;
    await workers.reply('infer', { value: inference });
  }
  assert.deepEqual(
    results.map(({ late }) => late),
    [false, true, false],
  );
  assert.equal(pipeline.counters.late, 1);
});

test('without a usable model the pipeline has failed, says why, and counts what it cannot serve', async () => {
  for (const [change, reason] of [
    [{ model: { path: '/absent.safetensors', engine: { name: 'event' } } }, /ENOENT/],
    [{ model: { path, engine: { name: 'abacus' } } }, /no engine "abacus"/],
    [{ sensors: ['left', 'right'] }, /2 channels, 2 sensors give 4/],
    [{ needsStopping: true }, /model small has no stopping rule, .* set anytime.decideBy to fixed/],
    [{ taxels: 39 }, /model small is for 3 taxels, the sensors have 39/],
    [{ policy: { kind: 'sliding', hopUs: 0, emitEmpty: false } }, /hopUs is 0/],
  ] as const) {
    const { pipeline, states } = setUp(change);
    pipeline.add(0, at(1, 2));
    await pipeline.start();
    assert.equal(pipeline.state, 'failed');
    assert.match(pipeline.reason, reason);
    assert.match(states.at(-1)!, reason);
    pipeline.add(0, at(3));
    pipeline.setOnline(0, false);
    pipeline.flush();
    assert.equal(pipeline.trigger(), 'not-running');
    assert.equal(pipeline.counters.eventsUnserved, 3);
    await pipeline.stop();
  }
});

test('a window cut by a clock restart is not classified', async () => {
  const { pipeline, results, losses } = setUp();
  await pipeline.start();
  pipeline.add(0, at(1, 2));
  pipeline.epoch(0);
  pipeline.add(0, at(3));
  pipeline.flush();
  await settled();
  assert.deepEqual(
    losses.map(({ cause, window }) => [cause, window.events]),
    [['cut', 2]],
  );
  assert.deepEqual(
    results.map(({ window }) => [window.index, window.reason]),
    [[1, 'flush']],
  );
  assert.equal(pipeline.counters.cut, 1);
});

test('windows come faster than answers: the newest are kept, the drops are counted and told', async () => {
  const workers = new ScriptedWorkers();
  const { pipeline, results, losses } = setUp({ queueLimit: 2 }, workers.spawn);
  const started = pipeline.start();
  await workers.reply('load', { value: loadedModel });
  await started;
  pipeline.add(0, at(1, 41, 81, 121, 161));
  assert.deepEqual(
    losses.map(({ cause, window }) => [cause, window.index]),
    [['newer', 1]],
  );
  for (let i = 0; i < 3; i++) await workers.reply('infer', { value: inference });
  assert.deepEqual(
    results.map(({ window, dropped }) => [window.index, dropped]),
    [
      [0, 1],
      [2, 1],
      [3, 1],
    ],
  );
});

test('a crash loses the window at the worker and no other', async () => {
  const workers = new ScriptedWorkers();
  const { clock, pipeline, results, losses } = setUp({}, workers.spawn);
  const started = pipeline.start();
  await workers.reply('load', { value: loadedModel });
  await started;
  pipeline.add(0, at(1, 41, 81));
  await workers.crash();
  assert.deepEqual(
    losses.map(({ cause, window }) => [cause, window.index]),
    [['lost', 0]],
  );
  clock.advance(100);
  await workers.reply('load', { value: loadedModel });
  await workers.reply('infer', { value: inference });
  assert.deepEqual(
    results.map(({ window }) => window.index),
    [1],
  );
  assert.equal(pipeline.state, 'running');
});

test('a model that does not come back after a crash fails the pipeline', async () => {
  const workers = new ScriptedWorkers();
  const { clock, pipeline, losses } = setUp({}, workers.spawn);
  const started = pipeline.start();
  await workers.reply('load', { value: loadedModel });
  await started;
  pipeline.add(0, at(1, 41, 81));
  await workers.crash();
  clock.advance(100);
  await workers.reply('load', { reason: 'file is gone' });
  assert.deepEqual([pipeline.state, pipeline.reason], ['failed', 'file is gone']);
  assert.deepEqual(
    losses.map(({ cause }) => cause),
    ['lost', 'failed'],
  );
});

test('stop drops what waits and frees the model; a stop while loading too', async () => {
  const workers = new ScriptedWorkers();
  const { pipeline, results, losses } = setUp({}, workers.spawn);
  const started = pipeline.start();
  await workers.reply('load', { value: loadedModel });
  await started;
  pipeline.add(0, at(1, 41, 81));
  const stopped = pipeline.stop();
  await workers.reply('infer', { value: inference });
  await workers.reply('unload', { value: undefined });
  await stopped;
  assert.deepEqual(
    losses.map(({ cause }) => cause),
    ['stopped'],
  );
  assert.equal(results.length, 1);

  const other = setUp({}, workers.spawn);
  const loading = other.pipeline.start();
  await other.pipeline.stop();
  await workers.reply('load', { value: loadedModel });
  await workers.reply('unload', { value: undefined });
  await loading;
  assert.deepEqual(other.states, ['loading', 'stopped']);
});

const loadedModel = { id: 'small', input: smallNetwork().spec.input, labels: smallNetwork().spec.labels };
const inference = {
  decision: { label: 'press' },
  durations: { encodeUs: 1, inferUs: 1, postUs: 1 },
};
