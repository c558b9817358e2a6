import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusedWith, rest, swapperBench, until } from '../../../support/swapper-bench.js';

/** `small@1` serves, and could not be written down while the disk was full. */
async function uncommitted() {
  const bench = await swapperBench({ probationS: 100 });
  const { swapper, store, pass } = bench;
  const select = store.select.bind(store);
  store.select = () => Promise.reject(new Error('the disk is full'));
  await swapper.activate('grip', 'small@1');
  await pass(100_000);
  store.select = select;
  return bench;
}

test('a version that cannot be written down serves; that is told once, and tried again until it is written', async () => {
  const { swapper, store, events, kinds, slot, written, pass } = await swapperBench();
  const select = store.select.bind(store);
  store.select = () => Promise.reject(new Error('the disk is full'));
  await swapper.activate('grip', 'small@1');
  await pass(10_000);
  assert.match(
    events.at(-1)!.message,
    /small@1 serves, but the next start will not know it: the disk is full/,
  );
  assert.equal(slot.state, 'uncommitted');
  await pass(30_000);
  store.select = select;
  await pass(30_000);
  await until(() => slot.state === 'committed');
  assert.equal(await written(), '1 -');
  assert.deepEqual(kinds(), ['model-switched', 'model-not-committed', 'model-committed']);
  await pass(60_000);
  assert.equal(kinds().length, 3, 'it is written');
});

test('what could not be written is, when it is activated again', async () => {
  const { swapper, slot, written, clock } = await uncommitted();
  const { changed, state } = await swapper.activate('grip', 'small@1');
  assert.deepEqual([changed, state, await written()], [false, 'committed', '1 -']);
  assert.equal(slot.retry, undefined);
  swapper.stop();
  assert.equal(clock.nextDueMs, undefined);
});

test('what could not be written is of no interest when another version is on trial', async () => {
  const { swapper, kinds, written, pass } = await uncommitted();
  await swapper.activate('grip', 'small@2');
  await pass(30_000);
  assert.equal(await written(), '- -');
  await pass(70_000);
  assert.equal(await written(), '2 1');
  assert.equal(kinds().at(-1), 'model-committed');
});

test('what could not be written is, when the model that came after it was taken back', async () => {
  const { swapper, kinds, written, pass, slot } = await uncommitted();
  await swapper.activate('grip', 'small@2');
  await pass(30_000);
  swapper.failed('grip', 'no memory');
  await pass(30_000);
  await until(() => slot.state === 'committed');
  assert.equal(await written(), '1 -');
  assert.equal(kinds().at(-1), 'model-committed');
});

test('a stop ends the attempts, also of what is being written', async () => {
  const { swapper, store, clock, slot } = await swapperBench({ probationS: 0 });
  let fail = (_: Error): void => {};
  store.select = () => new Promise((_, reject) => (fail = reject));
  const activation = swapper.activate('grip', 'small@1');
  await until(() => slot.active !== undefined);
  await rest();
  swapper.stop();
  fail(new Error('the runtime stops'));
  await activation;
  assert.equal(clock.nextDueMs, undefined);
});

test('back is where the pipeline has been, wherever the store has it from', async () => {
  // As when the selection stands under `default`, or the previous version serves because the active one is damaged.
  const { swapper, target, written, names, pass, slot } = await swapperBench({}, { active: 'small@1' });
  target.begin();
  assert.equal(slot.state, 'uncommitted');
  await swapper.activate('grip', 'small@2');
  await pass(10_000);
  assert.equal(await written(), '2 1');
  await swapper.rollback('grip');
  assert.deepEqual([names(), await written()], [{ active: 'small@1', previous: 'small@2' }, '1 2']);
});

test('a version that stands in for the active one is written down when it is activated', async () => {
  const { swapper, slot, written, names } = await swapperBench(
    {},
    { active: 'small@3', previous: 'small@2' },
  );
  await swapper.fallBack('grip', 'out of memory');
  assert.deepEqual([names(), slot.state], [{ active: 'small@2', previous: 'none' }, 'uncommitted']);
  const { changed, state } = await swapper.activate('grip', 'small@2');
  assert.deepEqual([changed, state, await written()], [false, 'committed', '2 -']);
});

test('the version before is loaded again for a model on trial that must go', async () => {
  const { swapper, target, names, events, slot, pass } = await swapperBench({}, { active: 'small@1' });
  target.begin();
  target.fail(); // before the change: nothing serves, and nothing is loaded
  await swapper.activate('grip', 'small@2');
  assert.deepEqual(names(), { active: 'small@2', previous: 'small@1' });
  swapper.failed('grip', 'it took three workers down');
  await until(() => slot.trial === undefined);
  assert.deepEqual(names(), { active: 'small@1', previous: 'none' });
  assert.match(events.at(-1)!.message, /^small@2: it took three workers down; small@1 serves again/);
  await pass(60_000);
  assert.equal(target.loaded.size, 1);
});

test('so it is by command, and when it cannot be loaded the model on trial goes on', async () => {
  const { swapper, target, names, slot } = await swapperBench({}, { active: 'small@1' });
  target.begin();
  target.fail();
  await swapper.activate('grip', 'small@2');
  target.refusal = { ok: false, code: 'not_loaded', reason: 'no memory' };
  await assert.rejects(swapper.rollback('grip'), refusedWith('not_loaded', /no memory/));
  assert.deepEqual([names().active, slot.state], ['small@2', 'probation']);
  target.refusal = undefined;
  const { state, window } = await swapper.rollback('grip');
  assert.deepEqual([names(), state, window], [{ active: 'small@1', previous: 'none' }, 'uncommitted', 12]);
});

test('nothing to go back to: the model goes on and is not committed, and if it is gone, that is said', async () => {
  for (const [isGone, said] of [
    [false, /it goes on, for there is no version before it/],
    [true, /no model serves, for there is no version before it/],
  ] as const) {
    const { swapper, target, events, slot, written, pass } = await swapperBench();
    await swapper.activate('grip', 'small@1');
    if (isGone) target.fail();
    swapper.failed('grip', 'so it is');
    assert.match(events.at(-1)!.message, said);
    assert.equal(slot.state, 'uncommitted');
    await pass(10_000);
    assert.equal(await written(), '- -');
  }
});

test('a version before whose worker could not bring it back is loaded again', async () => {
  const { swapper, target, names, pass } = await swapperBench();
  for (const name of ['small@1', 'small@2']) {
    await swapper.activate('grip', name);
    await pass(10_000);
  }
  target.failed.add(1);
  await swapper.rollback('grip');
  assert.equal(names().active, 'small@1');
  assert.equal(target.loads, 3);
  await rest();
  assert.ok(!target.loaded.has(1), 'what has failed is freed');
});

test('a version whose model has failed can be activated again', async () => {
  const { swapper, target, names, slot, pass } = await swapperBench();
  await swapper.activate('grip', 'small@1');
  await pass(10_000);
  target.fail();
  const { changed, state } = await swapper.activate('grip', 'small@1');
  assert.deepEqual([changed, state, target.loads], [true, 'probation', 2]);
  assert.deepEqual(names(), { active: 'small@1', previous: 'none' });
  await pass(10_000);
  assert.equal(slot.state, 'committed');
});

test('back on probation is a change of pointers: it waits for no other change', async () => {
  const { swapper, names, pass } = await swapperBench();
  await swapper.activate('grip', 'small@1');
  await pass(10_000);
  await swapper.activate('grip', 'small@2');
  const shadow = swapper.shadow('grip', 'small@3');
  await swapper.rollback('grip');
  assert.equal(names().active, 'small@1');
  await shadow;
});

test('a version in any role stays in the store, also one that is not written down', async () => {
  const { swapper, pass } = await swapperBench();
  for (const name of ['small@1', 'small@2']) {
    await swapper.activate('grip', name);
    await pass(10_000);
  }
  await swapper.shadow('grip', 'small@9');
  await swapper.activate('grip', 'small@3');
  for (const [name, role] of [
    ['small@3', /small@3 is active in grip/],
    ['small@2', /small@2 is previous in grip/],
    ['small@1', /small@1 is previous before in grip/],
    ['small@9', /small@9 is shadow in grip/],
  ] as const)
    await assert.rejects(swapper.remove(name), refusedWith('in_use', role));
  await swapper.shadow('grip', undefined);
  await swapper.remove('small@9');
  await assert.rejects(swapper.remove('small@9'), refusedWith('not_found'));
});
