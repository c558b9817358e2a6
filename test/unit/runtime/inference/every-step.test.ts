/** Answers to recordings: all of them, in the order of the bins, whatever the worker's pace. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventBatch } from '../../../../devices/index.js';
import { InferenceService, Pipeline, type PipelineOptions } from '../../../../runtime/inference/index.js';
import { FakeClock } from '../../../support/clock.js';
import { ScriptedWorkers, settled } from '../../../support/scripted-worker.js';
import { at } from '../../../support/window-rows.js';

const input = { taxels: 3, channels: 2, bins: 8, binUs: 10 };
const model = { id: 'm', engine: 'event', input, labels: ['a'], medianUs: 5, streamBinUs: 1 };
const answer = { value: { decision: { label: 'a' }, durations: { encodeUs: 0, inferUs: 1, postUs: 1 } } };
const batches = [at(1, 12), at(25), at(49, 55), at(78, 92), at(131), at(203)];

type Change = Partial<PipelineOptions>;

/** A pipeline that hears recordings, and what it has told: window, bin, events that were known then. */
async function setUp(change: Change = {}, loaded: object = model) {
  const worker = new ScriptedWorkers();
  const clock = new FakeClock();
  const service = new InferenceService({ clock, spawn: worker.spawn });
  service.start();
  const told: string[] = [];
  const options: PipelineOptions = {
    name: 'p',
    sensors: ['finger'],
    model: { path: 'm', engine: { name: 'event' } },
    policy: { kind: 'sliding', hopUs: 80, emitEmpty: false },
    queueLimit: 64,
    everyBins: 1,
    everyAnswer: true,
    onResult: ({ window, bin, final }) =>
      told.push(`w${window.index} ${bin} of ${window.events} events${final ? ' final' : ''}`),
    ...change,
  };
  const pipeline = new Pipeline(options, service, clock);
  const started = pipeline.start();
  await worker.reply('load', { value: loaded });
  await started;
  /** Answers everything that is asked, and what that leads to. */
  const answerAll = async (): Promise<void> => {
    await settled();
    for (let kind = worker.open[0]; kind !== undefined; kind = worker.open[0])
      await worker.reply(kind as 'step', answer);
  };
  return { clock, worker, pipeline, told, answerAll };
}

/** What is told of the batches when the worker has answered everything after each, or only after all of them. */
async function toldOf(change: Change, pace: 'slow' | 'fast'): Promise<string[]> {
  const { pipeline, told, answerAll } = await setUp(change);
  for (const batch of batches) {
    pipeline.add(0, copy(batch));
    if (pace === 'slow') await answerAll();
  }
  pipeline.flush();
  await answerAll();
  return told;
}

function copy({ length, tUs, taxel, polarity }: EventBatch): EventBatch {
  return { length, tUs: tUs.slice(), taxel: taxel.slice(), polarity: polarity.slice() };
}

const settings: [string, Change][] = [
  ['windows one after the other', {}],
  ['windows that overlap', { policy: { kind: 'sliding', hopUs: 20, emitEmpty: false } }],
  ['an answer every third bin', { everyBins: 3 }],
  ['whole windows counted', { countSpikes: () => true }],
];
for (const [name, change] of settings) {
  test(`${name}: the same is told of a recording at any pace`, async () => {
    const slow = await toldOf(change, 'slow');
    assert.deepEqual(await toldOf(change, 'fast'), slow);
    assert.ok(slow.some((line) => line.endsWith('final')));
    assert.ok(slow.length > 3, slow.join('\n'));
  });
}

test('each bin has its answer, with what was known then, before the last one of its window', async () => {
  const { pipeline, told, answerAll } = await setUp();
  pipeline.add(0, at(1, 12));
  pipeline.add(0, at(49));
  pipeline.advance(0, 80);
  await answerAll();
  assert.deepEqual(told, [
    'w0 1 of 1 events',
    'w0 2 of 2 events',
    'w0 3 of 2 events',
    'w0 4 of 2 events',
    'w0 8 of 3 events final',
  ]);
});

test('a model that is slower than its bins answers recordings all the same', async () => {
  const { pipeline } = await setUp({}, { ...model, streamBinUs: 6 });
  assert.equal(pipeline.anytime, 'every bin');
  const live = await setUp({ everyAnswer: false }, { ...model, streamBinUs: 6 });
  assert.match(live.pipeline.anytime, /^off: .*too slow$/);
});

test('what two workers fail at is given up, the rest is told', async () => {
  const { clock, worker, pipeline, told, answerAll } = await setUp();
  pipeline.add(0, at(1, 12));
  await worker.crash();
  clock.advance(100);
  await worker.reply('load', { value: model });
  pipeline.add(0, at(25));
  await answerAll();
  pipeline.advance(0, 80);
  await answerAll();
  assert.deepEqual(told, ['w0 2 of 2 events', 'w0 8 of 3 events final']);
});
