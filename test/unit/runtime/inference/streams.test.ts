import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Executor, engineByName, type Stream, windowFromCells } from '../../../../models/index.js';
import { systemClock } from '../../../../runtime/clock.js';
import { InferenceCore } from '../../../../runtime/inference/core.js';
import { Streams } from '../../../../runtime/inference/streams.js';
import { smallModelFile, smallNetwork, temporaryFolder } from '../../../support/small-model.js';

const network = smallNetwork();
const { input } = network.spec;
const engine = engineByName('event');
const folder = temporaryFolder();
const cells = (...list: number[]): Uint32Array => Uint32Array.from(list);

function step(from: number, to: number, touched: number[], late: number[] = [], stream = 0, handle = 1) {
  return { handle, stream, from, to, cells: cells(...touched), late: cells(...late) };
}

async function streams(): Promise<{ streams: Streams; executor: Executor; opened: () => number }> {
  const executor = await engine.compile(network);
  let opened = 0;
  const counting: Executor = {
    ...executor,
    stream: () => {
      opened++;
      return executor.stream!();
    },
  };
  return { streams: new Streams(counting, input), executor, opened: () => opened };
}

test('bins in portions and late cells give what the window gives at once', async () => {
  const { streams: some, executor } = await streams();
  some.step(step(0, 1, [0, 3]));
  some.step(step(1, 3, [7, 8, 17]));
  const { time, location } = some.step(step(3, 4, [20], [2, 9]));
  const [outcome] = await executor.run([windowFromCells(input, [0, 2, 3, 7, 8, 9, 17, 20])]);
  assert.deepEqual(time!.counts, outcome!.time!.counts);
  assert.deepEqual(location!.counts, outcome!.location!.counts);
});

test('bin 0 begins anew; any other must be the next', async () => {
  const { streams: some } = await streams();
  some.step(step(0, 2, [0]));
  assert.throws(() => some.step(step(3, 4, [])), /stream 0 has 2 bins, not 3: send the window from bin 0/);
  some.step(step(0, 1, []));
  some.step(step(1, 4, []));
});

test('cells that are not those of the bins are refused, and the stream stays as it was', async () => {
  const { streams: some } = await streams();
  some.step(step(0, 1, [0]));
  assert.throws(() => some.step(step(1, 2, [5])), /cell 5 .* outside bins 1 to 2/);
  assert.throws(() => some.step(step(1, 2, [12])), /cell 12 .* outside bins 1 to 2/);
  assert.throws(() => some.step(step(1, 2, [7, 7])), /out of order/);
  assert.throws(() => some.step(step(1, 2, [], [6])), /late cell 6/);
  assert.throws(() => some.step(step(1, 1, [])), /bins 1 to 1/);
  assert.throws(() => some.step(step(1, 5, [])), /bins 1 to 5/);
  some.step(step(1, 2, [7]));
});

test('each handle has streams of its own, and freed ones are used again', async () => {
  const { streams: some, opened } = await streams();
  some.step(step(0, 2, [0], [], 0, 1));
  some.step(step(0, 1, [], [], 1, 1));
  some.step(step(0, 3, [], [], 0, 2));
  assert.equal(opened(), 3);
  some.free(1);
  some.step(step(0, 1, [], [], 0, 3));
  some.step(step(0, 1, [], [], 1, 3));
  assert.equal(opened(), 3);
  some.step(step(3, 4, [], [], 0, 2));
  assert.throws(() => some.step(step(2, 3, [], [], 0, 1)), /has 0 bins, not 2/);
});

test('the core answers steps, copies the counts, and says how long a bin takes', async () => {
  const core = new InferenceCore(systemClock);
  const loaded = await core.load(1, { path: await smallModelFile(folder), engine: { name: 'event' } });
  assert.ok(loaded.streamBinUs! >= 0);
  const first = await core.step(step(0, 1, [0, 3]));
  const kept = structuredClone(first.counts);
  const last = await core.step(step(1, 4, [7, 8, 17]));
  assert.deepEqual(first.counts, kept);
  const whole = await core.infer(1, cells(0, 3, 7, 8, 17));
  assert.deepEqual(last.counts, whole.counts);
  assert.deepEqual(last.decision, whole.decision);
  assert.equal(last.spikes, undefined);
  core.unload(1);
  await assert.rejects(core.step(step(0, 1, [])), /no model is loaded under handle 1/);
});

test('an engine without streams says so', async () => {
  const core = new InferenceCore(systemClock);
  const loaded = await core.load(1, { path: await smallModelFile(folder), engine: { name: 'reference' } });
  assert.equal(loaded.streamBinUs, undefined);
  await assert.rejects(core.step(step(0, 1, [])), /engine reference cannot answer before a window is whole/);
});

test('a stream that answers otherwise than the batch engine is not taken into service', async () => {
  const { warmUpStream } = await import('../../../../runtime/inference/warm-up.js');
  const executor = await engine.compile(network);
  const lying = executor.stream!();
  const push = lying.push.bind(lying);
  lying.push = (touched): ReturnType<Stream['push']> => {
    const { time } = push(touched);
    return { time: { counts: time!.counts.map((count) => count + 1) } };
  };
  await assert.rejects(warmUpStream(executor, lying, input, systemClock), /answers a window otherwise/);
});
