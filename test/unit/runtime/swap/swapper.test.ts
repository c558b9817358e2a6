import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PipelineResult } from '../../../../runtime/inference/index.js';
import type { Swapper } from '../../../../runtime/swap/index.js';
import { resultOf } from '../../../support/results.js';
import { settled } from '../../../support/scripted-worker.js';
import { refusedWith, rest, swapperBench } from '../../../support/swapper-bench.js';

/** A result to a whole window; no output neuron has spiked. */
function silent(index: number): PipelineResult {
  return { ...resultOf({ index }), pipeline: 'grip', counts: { time: Uint32Array.of(0, 0, 0) } };
}

test('a version serves, is watched, and is written down when it has done well', async () => {
  const { swapper, names, written, pass, kinds, slot } = await swapperBench();
  const answer = await swapper.activate('grip', 'small@1');
  assert.equal(answer.active.version, '1');
  assert.deepEqual(
    [answer.changed, answer.window, answer.state, answer.previous],
    [true, 10, 'probation', null],
  );
  assert.equal(await written(), '- -', 'a crash on probation starts with what was there before');
  await pass(10_000);
  assert.equal(await written(), '1 -');
  assert.equal(slot.trial, undefined);
  await swapper.activate('grip', 'small@2');
  await pass(10_000);
  assert.deepEqual(names(), { active: 'small@2', previous: 'small@1' });
  assert.equal(await written(), '2 1');
  assert.deepEqual(kinds(), ['model-switched', 'model-committed', 'model-switched', 'model-committed']);
});

test('what serves already is not changed, and one change goes on at a time', async () => {
  const { swapper, target, pass } = await swapperBench();
  const first = swapper.activate('grip', 'small@1');
  await assert.rejects(
    swapper.activate('grip', 'small@2'),
    refusedWith('busy', /small@1 is being activated/),
  );
  await assert.rejects(swapper.shadow('grip', undefined), refusedWith('busy'));
  assert.deepEqual(await swapper.activate('grip', 'small@1'), await first, 'a message that came twice');
  assert.equal((await swapper.activate('grip', 'small@1')).changed, false);
  await assert.rejects(
    swapper.activate('grip', 'small@2'),
    refusedWith('busy', /small@1 is on probation in grip for 10 s more/),
  );
  await pass(10_000);
  assert.equal((await swapper.activate('grip', 'small@1')).changed, false);
  assert.equal(target.loads, 1);
});

test('a model that does badly is taken back, and not tried again; the one before it is still the previous one', async () => {
  const { swapper, names, written, pass, events, target } = await swapperBench();
  for (const name of ['small@1', 'small@2']) {
    await swapper.activate('grip', name);
    await pass(10_000);
  }
  await swapper.activate('grip', 'small@3');
  assert.deepEqual(names(), { active: 'small@3', previous: 'small@2' });
  for (let i = 0; i < 20; i++) swapper.answered(silent(3 + i)); // windows of the model before
  assert.equal(names().active, 'small@3');
  for (let i = 0; i < 20; i++) swapper.answered(silent(12 + i));
  assert.deepEqual(names(), { active: 'small@2', previous: 'small@1' });
  const { kind, message } = events.at(-1)!;
  assert.equal(kind, 'swap-failed');
  assert.match(message, /^small@3: no output neuron spiked .*; small@2 serves again, from window 13 on$/);
  assert.equal(await written(), '2 1');
  await assert.rejects(swapper.activate('grip', 'small@3'), refusedWith('known_bad'));
  target.close();
  await pass(60_000);
  assert.equal(target.loaded.size, 1, 'what does not serve is freed');
});

test('a window refused, two lost with their workers, or a model that is gone end the probation at once', async () => {
  for (const end of [
    (swapper: Swapper) => swapper.missed(loss('refused')),
    (swapper: Swapper) => {
      swapper.missed(loss('lost'));
      swapper.missed(loss('lost'));
    },
    (swapper: Swapper) => swapper.failed('grip', 'it took three workers down'),
  ]) {
    const { swapper, names, pass } = await swapperBench();
    await swapper.activate('grip', 'small@1');
    await pass(10_000);
    await swapper.activate('grip', 'small@2');
    swapper.missed(loss('newer'));
    swapper.missed({ ...loss('refused'), window: { ...loss('refused').window, index: 10 } });
    assert.equal(names().active, 'small@2');
    end(swapper);
    assert.deepEqual(names(), { active: 'small@1', previous: 'none' });
  }
  function loss(cause: 'refused' | 'lost' | 'newer') {
    return { pipeline: 'grip', window: resultOf({ index: 11 }).window, cause, reason: 'so it is' };
  }
});

test('back to the version before: on probation, while it is loaded, and when it is not any more', async () => {
  const { swapper, names, written, pass, target, kinds } = await swapperBench();
  await assert.rejects(swapper.rollback('grip'), refusedWith('no_previous'));
  await swapper.activate('grip', 'small@1');
  await pass(10_000);
  await swapper.activate('grip', 'small@2');
  await swapper.rollback('grip');
  assert.deepEqual([names(), await written()], [{ active: 'small@1', previous: 'none' }, '1 -']);
  await swapper.activate('grip', 'small@2');
  await pass(10_000);
  const { loads } = target;
  await swapper.rollback('grip');
  assert.deepEqual([names(), await written()], [{ active: 'small@1', previous: 'small@2' }, '1 2']);
  assert.equal(target.loads, loads, 'a change of pointers');
  target.close();
  await pass(70_000);
  assert.equal(target.loaded.size, 1, 'its time is over');
  await swapper.rollback('grip');
  assert.deepEqual([names(), await written()], [{ active: 'small@2', previous: 'small@1' }, '2 1']);
  assert.equal(target.loads, loads + 1);
  assert.equal(kinds().at(-1), 'model-rolled-back');
});

test('refused before anything changes: slow, other labels, unfit, unknown, damaged', async () => {
  const { swapper, names, target, pass } = await swapperBench();
  await swapper.activate('grip', 'small@1');
  await pass(10_000);
  target.change = { longestUs: 60_000 };
  await assert.rejects(swapper.activate('grip', 'small@2'), refusedWith('too_slow', /60 ms a window/));
  target.change = { sha256: 'f'.repeat(64) };
  await assert.rejects(swapper.activate('grip', 'small@2'), refusedWith('damaged'));
  target.change = { labels: ['press', 'slip', 'none'] };
  target.refusal = { ok: false, code: 'wrong_shape', reason: '39 taxels' };
  await assert.rejects(swapper.activate('grip', 'small@2'), refusedWith('wrong_shape', /39 taxels/));
  target.refusal = undefined;
  await assert.rejects(swapper.activate('grip', 'small@7'), refusedWith('not_found'));
  await assert.rejects(swapper.activate('grip', '../x@7'), refusedWith('bad_name'));
  await assert.rejects(swapper.activate('other', 'small@2'), refusedWith('unknown_pipeline', /grip/));
  assert.deepEqual(names(), { active: 'small@1', previous: 'none' });
  assert.equal(target.loaded.size, 1);
});

test('other labels must be asked for', async () => {
  const { swapper, names, target, pass } = await swapperBench();
  target.change = { labels: ['press', 'slip', 'none'] };
  await swapper.activate('grip', 'small@1');
  await pass(10_000);
  await assert.rejects(swapper.activate('grip', 'small@9'), refusedWith('wrong_labels', /a, b, c/));
  await swapper.activate('grip', 'small@9', { otherLabels: true });
  assert.equal(names().active, 'small@9');
});

test('without probation and hold, a version is committed at once and the one before freed when it has finished', async () => {
  const { swapper, target, written, pass } = await swapperBench({ probationS: 0, holdS: 0 });
  target.isOpen = true;
  await swapper.activate('grip', 'small@1');
  target.close();
  assert.equal((await swapper.activate('grip', 'small@2')).state, 'committed');
  assert.equal(await written(), '2 1');
  await pass(0);
  assert.equal(target.loaded.size, 2, 'the window in progress is not answered yet');
  target.close();
  await rest();
  assert.equal(target.loaded.size, 1);
});

test('a sensor that is gone leaves windows open: models do not pile up behind them', async () => {
  const { swapper, target, clock } = await swapperBench({ probationS: 0, holdS: 0 });
  target.isOpen = true;
  await swapper.activate('grip', 'small@1');
  target.close();
  await rest();
  await swapper.activate('grip', 'small@2');
  await swapper.activate('grip', 'small@3');
  const waiting = swapper.activate('grip', 'small@1');
  const refused = assert.rejects(waiting, refusedWith('busy', /a window of grip to finish/));
  for (; clock.nextDueMs !== 5000; clock.advance(0)) await settled();
  clock.advance(5000);
  await refused;
  assert.ok(target.loaded.size <= 3);
});

test('a shadow that is lost is told of, and is no shadow any more', async () => {
  const { swapper, target, slot, events } = await swapperBench();
  await swapper.activate('grip', 'small@1');
  await swapper.shadow('grip', 'small@2');
  const before = slot.shadow!.prepared!;
  await swapper.shadow('grip', 'small@3');
  swapper.shadowLost('grip', before, 'the one before is no matter');
  assert.equal(slot.shadow?.ref.version, '3');
  swapper.shadowLost('grip', slot.shadow!.prepared!, 'no memory');
  assert.deepEqual([slot.shadow, target.shadow], [undefined, undefined]);
  const { kind, message } = events.at(-1)!;
  assert.deepEqual([kind, message], ['shadow-lost', 'small@3, on trial, is lost: no memory']);
});

test('a shadow is loaded beside, and ended', async () => {
  const { swapper, target, slot } = await swapperBench();
  await swapper.activate('grip', 'small@1');
  const { shadow } = await swapper.shadow('grip', 'small@2');
  assert.equal(shadow?.version, '2');
  assert.equal(slot.shadow?.model?.version, '2');
  assert.equal(target.shadow?.model.version, '2');
  assert.deepEqual(await swapper.shadow('grip', undefined), { pipeline: 'grip', shadow: null });
  assert.equal(target.shadow, undefined);
});
