/** Things that happen to a trial at the same time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusedWith, rest, swapperBench, until } from '../../../support/swapper-bench.js';

/** `small@2` is on trial; `small@1`, which served before it, is not loaded any more, and its loading waits for `load`. */
async function held() {
  const bench = await swapperBench({}, { active: 'small@1', previous: 'small@3' });
  const { target, swapper } = bench;
  target.begin();
  target.fail();
  await swapper.activate('grip', 'small@2');
  let load = (): void => {};
  const held = new Promise<void>((resolve) => {
    load = resolve;
  });
  const prepare = target.prepare.bind(target);
  let loading = false;
  target.prepare = async (source) => {
    loading = true;
    await held;
    return prepare(source);
  };
  return { ...bench, load, loading: () => until(() => loading) };
}

test('a model with a fault is not committed while the one before is loaded', async () => {
  const { clock, swapper, target, slot, load, loading, names, kinds, written } = await held();
  clock.advance(9000);
  target.fail();
  swapper.failed('grip', 'no memory');
  await loading();
  clock.advance(1500);
  load();
  await until(() => slot.trial === undefined);
  assert.deepEqual(names(), { active: 'small@1', previous: 'small@3' });
  assert.equal(kinds().at(-1), 'swap-failed');
  assert.equal(await written(), '- -');
});

test('a model that passes while it is being rolled back is rolled back when it is written down', async () => {
  const { clock, swapper, slot, load, loading, names, pass, written, kinds } = await held();
  const back = swapper.rollback('grip');
  await loading();
  clock.advance(10_000);
  await until(() => slot.state === 'committed');
  load();
  assert.equal((await back).state, 'committed');
  assert.deepEqual([names(), await written()], [{ active: 'small@1', previous: 'small@2' }, '1 2']);
  assert.deepEqual(kinds().slice(-2), ['model-committed', 'model-rolled-back']);
  await pass(0);
});

test('a model that is being written down cannot be taken back; what is told and what is written stay one', async () => {
  const { clock, swapper, store, slot, load, loading, names, written } = await held();
  const select = store.select.bind(store);
  let write = (): void => {};
  const writing = new Promise<void>((resolve) => {
    write = resolve;
  });
  store.select = (...args) => writing.then(() => select(...args));
  const refused = assert.rejects(swapper.rollback('grip'), refusedWith('busy'));
  await loading();
  clock.advance(10_000);
  load();
  await refused;
  write();
  await until(() => slot.trial === undefined);
  assert.deepEqual([names(), await written()], [{ active: 'small@2', previous: 'small@1' }, '2 1']);
});

test('a fault that is found while the model is being rolled back counts, and nothing is loaded for it once more', async () => {
  const { swapper, target, slot, load, loading, names, kinds } = await held();
  const back = swapper.rollback('grip');
  await loading();
  const { loads } = target;
  target.fail();
  swapper.failed('grip', 'no memory');
  load();
  await back;
  await rest();
  assert.deepEqual(names(), { active: 'small@1', previous: 'small@3' });
  assert.deepEqual([kinds().at(-1), slot.bad.size, target.loads], ['swap-failed', 1, loads + 1]);
});

test('a model that was taken back comes by no way again', async () => {
  const { swapper, names, pass } = await swapperBench();
  for (const name of ['small@1', 'small@2']) {
    await swapper.activate('grip', name);
    await pass(10_000);
  }
  await swapper.activate('grip', 'small@1');
  swapper.failed('grip', 'bad');
  assert.deepEqual(names(), { active: 'small@2', previous: 'small@1' });
  await assert.rejects(swapper.activate('grip', 'small@1'), refusedWith('known_bad'));
  await assert.rejects(swapper.rollback('grip'), refusedWith('known_bad'));
});

test('one that goes on because there is no other is not committed by being asked for again', async () => {
  const { swapper, written } = await swapperBench();
  await swapper.activate('grip', 'small@1');
  swapper.failed('grip', 'bad');
  await assert.rejects(swapper.activate('grip', 'small@1'), refusedWith('known_bad'));
  assert.equal(await written(), '- -');
});

test('a stop while a model is written down leaves no timer, and promises nothing', async () => {
  const { swapper, store, clock, events } = await swapperBench();
  let fail = (_: Error): void => {};
  store.select = () =>
    new Promise((_, reject) => {
      fail = reject;
    });
  await swapper.activate('grip', 'small@1');
  clock.advance(10_000);
  swapper.stop();
  fail(new Error('the runtime stops'));
  await rest();
  assert.equal(clock.nextDueMs, undefined);
  assert.match(events.at(-1)!.message, /will not know it: the runtime stops$/);
});

test('no trial ends after a stop', async () => {
  const { swapper, names, kinds } = await swapperBench();
  await swapper.activate('grip', 'small@1');
  swapper.stop();
  swapper.failed('grip', 'its worker has ended');
  assert.deepEqual([names().active, kinds()], ['small@1', ['model-switched']]);
});

test('however many attempts fail at the same time, one timer waits for the next', async () => {
  const { swapper, store, clock, pass } = await swapperBench();
  const fails: ((reason: Error) => void)[] = [];
  store.select = () => new Promise((_, reject) => fails.push(reject));
  await swapper.activate('grip', 'small@1');
  clock.advance(10_000);
  fails.shift()!(new Error('full'));
  await rest();
  await pass(30_000);
  const again = swapper.activate('grip', 'small@1');
  await until(() => fails.length === 2);
  for (const fail of fails) fail(new Error('full'));
  await again;
  await rest();
  swapper.stop();
  assert.equal(clock.waiting, 0);
});
