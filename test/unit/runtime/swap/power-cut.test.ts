/** The power fails after every single operation of every change of a store: what a fresh start finds is a valid store. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../../models/index.js';
import type { Processes } from '../../../../runtime/durable/index.js';
import { ModelStore } from '../../../../runtime/swap/index.js';
import { MemoryDisk, PowerCut, type Survival } from '../../../support/memory-disk.js';
import { putModels } from '../../../support/store-models.js';
import { type StoreState, storeState } from '../../../support/store-state.js';

const everything: Survival = { name: () => true, permission: () => true, content: () => 'new' };
const leastOfAll: Survival = { name: () => false, permission: () => false, content: () => 'old' };
const tornFiles: Survival = { name: () => true, permission: () => false, content: () => 'torn' };

function byChance(seed: number): Survival {
  const random = seededRandom(seed);
  return {
    name: () => random() < 0.5,
    permission: () => random() < 0.5,
    content: () => (['old', 'new', 'torn'] as const)[Math.floor(random() * 3)]!,
  };
}

const survivals = [everything, leastOfAll, tornFiles, ...[1, 2, 3, 4].map(byChance)];

/** Each start is another process; those before are gone. */
let starts = 0;
function storeOn(files: MemoryDisk): ModelStore {
  const self = `process ${++starts}`;
  const processes: Processes = { self, isAlive: (owner) => owner === self };
  return new ModelStore('/store', { files, processes, now: () => 0 });
}

/** What a fresh start finds; fails for a store that is not valid. */
async function stateOf(files: MemoryDisk): Promise<StoreState> {
  const store = storeOn(files);
  await store.open();
  assert.deepEqual(await files.list('/store/.staging'), []);
  for (const { folder } of await store.list())
    for (const path of ['model.safetensors', 'manifest.json', 'another'])
      await assert.rejects(files.write(`${folder}/${path}`, new Uint8Array()), { code: 'EACCES' });
  return storeState(store);
}

interface Scenario {
  readonly name: string;
  readonly before: readonly string[];
  readonly change: string;
}

/** Words to a store: `+1` adds version 1, `-1` removes it, `!1` activates it, `<` goes back. */
async function tell(store: ModelStore, words: readonly string[]): Promise<void> {
  for (const word of words) {
    const version = word.slice(1);
    if (word.startsWith('+')) await store.add(`/${version}.safetensors`);
    else if (word.startsWith('-')) await store.remove(`small@${version}`);
    else if (word.startsWith('!')) await store.activate(`small@${version}`);
    else await store.rollback();
  }
}

const scenarios: readonly Scenario[] = [
  { name: 'the first model', before: [], change: '+1' },
  { name: 'another version', before: ['+1', '!1'], change: '+2' },
  { name: 'a version that is there already', before: ['+1'], change: '+1' },
  { name: 'the first activation', before: ['+1'], change: '!1' },
  { name: 'another activation', before: ['+1', '+2', '!1'], change: '!2' },
  { name: 'a roll-back', before: ['+1', '+2', '!1', '!2'], change: '<' },
  { name: 'a removal', before: ['+1', '+2', '+3', '!1', '!2'], change: '-3' },
];

const models = new MemoryDisk();
await putModels(models, '1', '2', '3');

/** A disk with the models and a store that was told `words`, all of it durable. */
async function diskAfter(words: readonly string[]): Promise<MemoryDisk> {
  const disk = models.afterCut(leastOfAll);
  const store = storeOn(disk);
  await store.open();
  await tell(store, words);
  return disk.afterCut(everything);
}

/** Runs the change until the power fails after `power` operations; whether it was done before. */
async function cutAfter(disk: MemoryDisk, word: string, power: number): Promise<boolean> {
  disk.powerFor = power;
  try {
    await tell(storeOn(disk), [word]);
    return true;
  } catch (error) {
    if (error instanceof PowerCut) return false;
    throw error;
  }
}

/** Violations of the promises, over every operation of a scenario. */
async function check({ before, change }: Scenario, liesAboutSync = false): Promise<number> {
  const old = await stateOf(await diskAfter(before));
  const wanted = await stateOf(await diskAfter([...before, change]));
  const start = await diskAfter(before);
  for (let power = 0; ; power++) {
    const disk = start.afterCut(everything);
    disk.liesAboutSync = liesAboutSync;
    const done = await cutAfter(disk, change, power);
    for (const survival of survivals) {
      const found = await stateOf(disk.afterCut(survival));
      const allowed = done ? [wanted] : [old, wanted];
      assert.ok(
        allowed.some((state) => JSON.stringify(state) === JSON.stringify(found)),
        `${JSON.stringify(found)} after ${disk.operations.join(', ')}`,
      );
    }
    await checkGoesOn(disk.afterCut(everything), change, wanted);
    if (done) return power;
  }
}

/** A killed process leaves the disk as it was; the next one does the change, and what it has done is durable. */
async function checkGoesOn(disk: MemoryDisk, change: string, wanted: StoreState): Promise<void> {
  const found = await stateOf(disk);
  if (JSON.stringify(found) !== JSON.stringify(wanted)) await tell(storeOn(disk), [change]);
  assert.deepEqual(await stateOf(disk.afterCut(leastOfAll)), wanted);
}

for (const scenario of scenarios)
  test(`${scenario.name}: after a power cut at any operation it is done or it is not`, async () => {
    assert.ok((await check(scenario)) > 5);
  });

test('the first start of a store may be cut anywhere', async () => {
  for (let power = 0; ; power++) {
    const disk = models.afterCut(everything);
    disk.powerFor = power;
    const error = await storeOn(disk)
      .open()
      .catch((reason) => reason);
    for (const survival of survivals)
      assert.deepEqual(await stateOf(disk.afterCut(survival)), {
        versions: [],
        active: null,
        previous: null,
      });
    disk.powerFor = Number.POSITIVE_INFINITY; // killed only: the next process builds on what was not synchronised
    await storeOn(disk).open();
    await tell(storeOn(disk), ['+1']);
    assert.deepEqual((await stateOf(disk.afterCut(leastOfAll))).versions, ['1']);
    if (error === undefined) break;
    assert.ok(error instanceof PowerCut);
  }
});

test('a killed process that was followed by another one loses nothing in a later power cut', async () => {
  const start = await diskAfter([]);
  for (let power = 0; ; power++) {
    const killed = start.afterCut(everything);
    const done = await cutAfter(killed, '+1', power);
    killed.powerFor = Number.POSITIVE_INFINITY; // the same disk, with what was not synchronised
    await tell(storeOn(killed), ['+1', '!1']);
    const { versions, active } = await stateOf(killed.afterCut(leastOfAll));
    assert.deepEqual([versions, active], [['1'], '1']);
    if (done) break;
  }
});

test('on a disk that lies about synchronising the promises break, so the checks can fail', async () => {
  await assert.rejects(check(scenarios[4]!, true));
});
