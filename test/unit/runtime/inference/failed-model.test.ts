import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Missed } from '../../../../runtime/inference/missed.js';
import { switchBench } from '../../../support/switch-bench.js';
import { at } from '../../../support/window-rows.js';

test('a model fails while the one before has a window to finish: that one is drained, and can serve again', async () => {
  const { pipeline, prepare, answers, rest, fail, losses } = await switchBench();
  pipeline.add(0, at(1, 45));
  await rest();
  const { previous, drained } = pipeline.serve(await prepare());
  await fail(1, 'no memory');
  assert.deepEqual([pipeline.state, pipeline.reason], ['failed', 'no memory']);
  await drained; // nobody answers its window 1 any more
  assert.equal(pipeline.serve(previous!).first, 2);
  assert.equal(pipeline.state, 'running');
  pipeline.add(0, at(85, 125));
  await rest();
  assert.deepEqual(answers(), ['0:1', '2:1']);
  assert.deepEqual(
    losses.map(({ window, cause }) => `${window.index} ${cause}`),
    ['1 failed'],
  );
});

test('a window that is open when its model fails is counted', async () => {
  const { pipeline, prepare, rest, fail } = await switchBench();
  const other = await prepare();
  pipeline.add(0, at(1));
  await fail(0, 'no memory');
  pipeline.serve(other);
  pipeline.add(0, at(41, 81));
  await rest();
  const { windows, answered, dropped } = pipeline.counters;
  assert.deepEqual([windows, answered, dropped], [2, 1, 1]);
});

test('whoever takes back a model as soon as it has failed takes back one that is still there', async () => {
  let back = (): void => {};
  const bench = await switchBench({ onState: (state) => state === 'failed' && back() });
  const { pipeline, prepare, answers, rest, fail, service } = bench;
  pipeline.add(0, at(1));
  const { previous } = pipeline.serve(await prepare());
  back = () => void pipeline.serve(previous!);
  await fail(1, 'no memory');
  assert.equal(pipeline.state, 'running');
  pipeline.add(0, at(41, 81));
  await rest();
  assert.deepEqual(answers(), ['1:1']);
  assert.equal(pipeline.isReady(previous!), true);
  await pipeline.stop();
  assert.equal(service.failure(previous!.handle), undefined);
});

test('a prepared model whose worker could not bring it back is not ready', async () => {
  const { pipeline, prepare, fail } = await switchBench();
  const prepared = await prepare();
  assert.equal(pipeline.isReady(prepared), true);
  await fail(1, 'no memory');
  assert.equal(pipeline.isReady(prepared), false);
  assert.equal(pipeline.state, 'running');
});

test('what sensors did while there was no model is known to the next: who is away, whose clock restarted, what is missing', async () => {
  const { pipeline, prepare, results, rest, fail } = await switchBench();
  const other = await prepare();
  pipeline.add(0, at(1001));
  await fail(0, 'no memory');
  pipeline.add(0, at(1011));
  pipeline.setOnline(0, false);
  pipeline.setOnline(0, true);
  pipeline.epoch(0);
  pipeline.serve(other);
  assert.equal(
    pipeline.counters.cut + pipeline.counters.dropped,
    1,
    'the clock began anew: what was open is cut',
  );
  pipeline.add(0, at(5, 45, 85));
  await rest();
  assert.deepEqual(
    results.map(({ window }) => window.startUs),
    [0, 40],
  );
});

test('all that was missed is told once, the gap after the restart of the clock', () => {
  const missed = new Missed();
  missed.gap(1);
  missed.epoch(1);
  missed.online(0, true);
  missed.online(0, false);
  const told: string[] = [];
  const windower = {
    epoch: (sensor: number) => told.push(`epoch ${sensor}`),
    gap: (sensor: number) => told.push(`gap ${sensor}`),
    setOnline: (sensor: number, online: boolean) => told.push(`${sensor} ${online ? 'on' : 'off'}line`),
  };
  missed.tell(windower);
  missed.tell(windower);
  assert.deepEqual(told, ['epoch 1', 'gap 1', '0 offline']);
});
