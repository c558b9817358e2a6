import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planAnytime } from '../../../../runtime/inference/anytime.js';
import {
  InferenceService,
  type LoadedModel,
  Pipeline,
  type PipelineLoss,
  type PipelineOptions,
  type PipelineResult,
} from '../../../../runtime/inference/index.js';
import type { Request } from '../../../../runtime/inference/protocol.js';
import { FakeClock } from '../../../support/clock.js';
import { ScriptedWorkers, settled } from '../../../support/scripted-worker.js';
import { at } from '../../../support/window-rows.js';

const input = { taxels: 3, channels: 2, bins: 8, binUs: 10 };
const model = { id: 'm', engine: 'event', input, labels: ['a'], medianUs: 5, streamBinUs: 1 };
const inference = { decision: { label: 'a' }, durations: { encodeUs: 0, inferUs: 1, postUs: 1 } };
const answer = { value: inference };

/** Pipelines over one scripted worker; windows of 80 us one after the other. */
async function setUp(change: Partial<PipelineOptions> = {}, count = 1, loaded: object = model) {
  const clock = new FakeClock();
  const worker = new ScriptedWorkers();
  const service = new InferenceService({ clock, spawn: worker.spawn });
  service.start();
  const results: PipelineResult[] = [];
  const losses: PipelineLoss[] = [];
  const pipelines = Array.from(
    { length: count },
    (_, i) =>
      new Pipeline(
        {
          name: `p${i}`,
          sensors: ['finger'],
          model: { path: 'm', engine: { name: 'event' } },
          policy: { kind: 'sliding', hopUs: 80, emitEmpty: false },
          queueLimit: 2,
          everyBins: 1,
          onResult: (result) => results.push(result),
          onLoss: (loss) => losses.push(loss),
          ...change,
        },
        service,
        clock,
      ),
  );
  for (const pipeline of pipelines) {
    const started = pipeline.start();
    await worker.reply('load', { value: loaded });
    await started;
  }
  return { clock, worker, service, pipelines, pipeline: pipelines[0]!, results, losses };
}

/** The request that waits for its answer, without its ticket and handle. */
function asked({ requests }: ScriptedWorkers): object | undefined {
  assert.ok(requests.length <= 1, 'one at a time');
  const [request] = requests as (Request & { cells?: Uint32Array; late?: Uint32Array })[];
  if (request?.kind === 'infer') return { cells: [...request.cells] };
  if (request?.kind !== 'step') return undefined;
  const { from, to, cells, late } = request;
  return { from, to, cells: [...cells], ...(late.length === 0 ? {} : { late: [...late] }) };
}

const told = (results: readonly PipelineResult[]): string[] =>
  results.map(
    ({ pipeline, window, bin, final }) => `${pipeline} w${window.index} ${bin}${final ? ' final' : ''}`,
  );

test('bins that are completed while the worker is busy go to it together', async () => {
  const { worker, pipeline, results } = await setUp();
  pipeline.add(0, at(1, 12));
  assert.deepEqual(asked(worker), { from: 0, to: 1, cells: [0] });
  pipeline.add(0, at(25));
  pipeline.add(0, at(49));
  await worker.reply('step', answer);
  assert.deepEqual(asked(worker), { from: 1, to: 4, cells: [6, 12] });
  await worker.reply('step', answer);
  assert.equal(asked(worker), undefined, 'nothing new');
  pipeline.advance(0, 80);
  assert.deepEqual(asked(worker), { from: 4, to: 8, cells: [24] });
  await worker.reply('step', answer);
  assert.deepEqual(told(results), ['p0 w0 1', 'p0 w0 4', 'p0 w0 8 final']);
  assert.deepEqual(
    results.map(({ window }) => [window.events, window.firstEventUs, window.lastEventUs, window.reason]),
    [
      [1, 1, 1, undefined],
      [3, 1, 25, undefined],
      [4, 1, 49, 'end'],
    ],
  );
  const { answered, updates, windows } = pipeline.counters;
  assert.deepEqual([answered, updates, windows], [1, 2, 1]);
});

test('answers come every so many bins, whatever the batches', async () => {
  const { worker, pipeline, results } = await setUp({ everyBins: 3 });
  for (const tUs of [1, 11, 21, 31, 41, 51, 61, 71, 81]) {
    pipeline.add(0, at(tUs));
    if (asked(worker) !== undefined) await worker.reply('step', answer);
  }
  assert.deepEqual(told(results), ['p0 w0 3', 'p0 w0 6', 'p0 w0 8 final']);
});

test('a late event goes with the next bins, one in a bin that waits goes with it', async () => {
  const { worker, pipeline } = await setUp();
  pipeline.add(0, at(1, 12));
  pipeline.add(0, at(31));
  pipeline.add(0, at(2, 5, 15)); // the second falls into a touched cell, the third into a bin that waits
  await worker.reply('step', answer);
  assert.deepEqual(asked(worker), { from: 1, to: 3, cells: [6] });
  pipeline.add(0, at(22, 13));
  await worker.reply('step', answer);
  pipeline.add(0, at(41));
  assert.deepEqual(asked(worker), { from: 3, to: 4, cells: [18], late: [12] });
});

test('a window that ends while many bins are missing is computed at once', async () => {
  const { worker, pipeline, results } = await setUp();
  pipeline.add(0, at(1, 12));
  pipeline.add(0, at(25, 81));
  await worker.reply('step', answer);
  assert.deepEqual(asked(worker), { cells: [0, 6, 12] });
  await worker.reply('infer', answer);
  assert.deepEqual(told(results), ['p0 w0 1', 'p0 w0 8 final']);
});

test('spikes are counted over whole windows', async () => {
  const { worker, pipeline } = await setUp({ countSpikes: () => true });
  for (const tUs of [1, 41, 71]) {
    pipeline.add(0, at(tUs));
    if (asked(worker) !== undefined) await worker.reply('step', answer);
  }
  pipeline.advance(0, 80);
  assert.deepEqual(asked(worker), { cells: [0, 24, 42] });
});

test('a crash within a window costs an answer: the next worker is told everything from bin 0', async () => {
  const { clock, worker, pipeline, results, losses } = await setUp();
  pipeline.add(0, at(1, 12));
  await worker.reply('step', answer);
  pipeline.add(0, at(25));
  await worker.crash();
  pipeline.add(0, at(38));
  clock.advance(100);
  await worker.reply('load', { value: model });
  assert.deepEqual(asked(worker), { from: 0, to: 3, cells: [0, 6, 12] });
  await worker.reply('step', answer);
  for (const tUs of [41, 71, 81]) {
    pipeline.add(0, at(tUs));
    await worker.reply('step', answer);
  }
  assert.deepEqual(losses, []);
  assert.deepEqual(told(results), ['p0 w0 1', 'p0 w0 3', 'p0 w0 4', 'p0 w0 7', 'p0 w0 8 final']);
});

test('a crash between two bins is noticed as well', async () => {
  const { clock, worker, pipeline } = await setUp();
  pipeline.add(0, at(1, 12));
  await worker.reply('step', answer);
  await worker.crash();
  clock.advance(100);
  await worker.reply('load', { value: model });
  pipeline.add(0, at(25));
  assert.deepEqual(asked(worker), { from: 0, to: 2, cells: [0, 6] });
});

test('a window that takes two workers down is lost, and the next one is answered', async () => {
  const { clock, worker, pipeline, losses, results } = await setUp();
  pipeline.add(0, at(1, 12));
  for (const pause of [100, 200]) {
    await worker.crash();
    clock.advance(pause);
    await worker.reply('load', { value: model });
  }
  assert.equal(asked(worker), undefined, 'it is not tried a third time');
  pipeline.add(0, at(81));
  await settled();
  assert.deepEqual(
    losses.map(({ cause, window, reason }) => [cause, window.index, reason]),
    [['lost', 0, '2 inference workers ended with parts of this window']],
  );
  pipeline.add(0, at(92));
  await worker.reply('step', answer);
  assert.deepEqual(told(results), ['p0 w1 1']);
  assert.equal(pipeline.counters.lost, 1);
});

test('a worker that refuses a step is told everything again, then asked for the whole window', async () => {
  const { worker, pipeline, results } = await setUp();
  const refusal = { reason: 'stream 0 has 0 bins, not 1: send the window from bin 0' };
  pipeline.add(0, at(1, 12));
  await worker.reply('step', answer);
  pipeline.add(0, at(25));
  await worker.reply('step', refusal);
  assert.deepEqual(asked(worker), { from: 0, to: 2, cells: [0, 6] });
  await worker.reply('step', refusal);
  pipeline.add(0, at(71));
  assert.equal(asked(worker), undefined);
  pipeline.advance(0, 80);
  assert.deepEqual(asked(worker), { cells: [0, 6, 12, 42] });
  await worker.reply('infer', answer);
  assert.deepEqual(told(results), ['p0 w0 1', 'p0 w0 8 final']);
});

test('whole windows come before windows under way; a dropped one takes its updates with it', async () => {
  const { worker, pipeline, results, losses } = await setUp({ queueLimit: 1 });
  pipeline.add(0, at(1, 12)); // a step of window 0 is at the worker
  pipeline.add(0, at(81, 161)); // windows 0 and 1 are whole: the newer one stays
  pipeline.add(0, at(172)); // window 2 is under way
  assert.deepEqual(
    losses.map(({ cause, window }) => [cause, window.index]),
    [['newer', 0]],
  );
  await worker.reply('step', answer);
  assert.deepEqual(asked(worker), { cells: [0] });
  await worker.reply('infer', answer);
  assert.deepEqual(asked(worker), { from: 0, to: 1, cells: [0] });
  await worker.reply('step', answer);
  assert.deepEqual(told(results), ['p0 w0 1', 'p0 w1 8 final', 'p0 w2 1']);
});

test('overlapping windows take turns, each in a stream of its own', async () => {
  const { worker, pipeline, results } = await setUp({
    policy: { kind: 'sliding', hopUs: 40, emitEmpty: false },
  });
  pipeline.add(0, at(41, 52));
  const streams: number[] = [];
  for (let i = 0; i < 2; i++) {
    streams.push((worker.requests[0] as Request & { stream: number }).stream);
    await worker.reply('step', answer);
  }
  assert.deepEqual(streams, [0, 1]);
  assert.deepEqual(told(results), ['p0 w0 5', 'p0 w1 1']);
});

test('fingers share a worker: each gets its turn, each in its order', async () => {
  const { worker, pipelines, results } = await setUp({}, 3);
  for (const tUs of [1, 11, 21]) for (const pipeline of pipelines) pipeline.add(0, at(tUs));
  for (let i = 0; i < 4; i++) await worker.reply('step', answer);
  assert.deepEqual(told(results), ['p0 w0 1', 'p1 w0 2', 'p2 w0 2', 'p0 w0 2']);
});

test('stop does not wait for windows under way', async () => {
  const { worker, service, pipeline, results } = await setUp();
  pipeline.add(0, at(1, 12));
  pipeline.add(0, at(25));
  const stopped = service.stop();
  await worker.reply('step', answer);
  await stopped;
  assert.deepEqual(told(results), ['p0 w0 1']);
});

test('without streams, or with windows that cannot be streamed, whole windows are answered and it says why', async () => {
  const { streamBinUs: _, ...streamless } = model;
  for (const [loaded, change, reason] of [
    [streamless, {}, 'off: engine event answers whole windows only; engine event answers bin by bin'],
    [{ ...model, streamBinUs: 6 }, {}, 'off: a bin of 10 us takes the engine 6 us, which is too slow'],
    [model, { everyBins: 0 }, 'off: anytime.everyBins is 0'],
    [
      model,
      { policy: { kind: 'sliding', hopUs: 25, emitEmpty: false } },
      'off: a hop of 25 us is no multiple of the bin of 10 us, so the bins of overlapping windows differ',
    ],
  ] as const) {
    const { worker, pipeline } = await setUp(change, 1, loaded);
    assert.equal(pipeline.anytime, reason);
    assert.equal(pipeline.missingAnytime, 'everyBins' in change ? undefined : reason.slice('off: '.length));
    pipeline.add(0, at(1, 2));
    assert.equal(asked(worker), undefined);
    pipeline.advance(0, 80);
    assert.ok('cells' in asked(worker)!);
  }
});

test('how often: each bin, 10 ms apart at least; too many open windows are an error when asked for by number', () => {
  const sliding = (hopUs: number) => ({ kind: 'sliding', hopUs, emitEmpty: false }) as const;
  const loaded = (binUs: number) =>
    ({ ...model, input: { ...input, bins: 250, binUs } }) as never as LoadedModel;
  const often = (everyBins: number | undefined, binUs: number) => {
    const plan = planAnytime(everyBins, loaded(binUs), sliding(250 * binUs));
    assert.ok(plan.on);
    return plan.everyBins;
  };
  assert.deepEqual([often(undefined, 20_000), often(undefined, 2000), often(7, 2000)], [1, 5, 7]);
  const many = planAnytime(undefined, loaded(20_000), sliding(100_000));
  assert.ok(!many.on);
  assert.match(many.reason, /keeps 50 windows open .* at most 16 .* make the hop at least 320000 us/);
  assert.throws(() => planAnytime(1, loaded(20_000), sliding(100_000)), /or set anytime\.everyBins to 0/);
  const most = planAnytime(1, loaded(20_000), sliding(320_000));
  assert.ok(most.on && most.streams === 16);
});
