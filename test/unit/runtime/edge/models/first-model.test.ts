import assert from 'node:assert/strict';
import { chmodSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type FirstModel,
  modelOfFile,
  modelOfStore,
} from '../../../../../runtime/edge/models/first-model.js';
import { ModelStore } from '../../../../../runtime/swap/index.js';
import { removeStore, storeFolder, storeModel } from '../../../../support/store-models.js';

const folder = storeFolder();
const [one, two] = [await storeModel(folder, '1'), await storeModel(folder, '2')];

async function setUp() {
  const of = storeFolder();
  const store = new ModelStore(of);
  await store.open();
  const first = (model: string): Promise<FirstModel> => modelOfStore(store, 'grip', { model });
  return { store, first, folder: of };
}

/** Version of the file that is to be loaded, or why there is none. */
function say({ model, previous }: FirstModel): string {
  if ('missing' in model) return model.missing;
  return `${/small\/(.+)-/.exec(model.path)?.[1]} before it ${previous?.version ?? 'none'}`;
}

test('without a store: a bundled model, a file, or why there is none', () => {
  const { model } = modelOfFile({ model: 'demo' });
  assert.match(String('path' in model && model.path), /\/models\/bundled\/demo\.safetensors$/);
  assert.deepEqual(modelOfFile({ model: one }).model, { path: one });
  assert.match(say(modelOfFile({ model: 'demmo' })), /demmo: no such file; bundled models: demo/);
  assert.match(say(modelOfFile({ model: '/tmp/' })), /\/tmp: no such file/);
});

test('a file goes into the store at the first start, and from then on the store says what serves', async () => {
  const { store, first } = await setUp();
  assert.equal(say(await first(one)), '1 before it none');
  assert.equal((await store.selections()).pipelines['grip']?.active.version, '1');
  assert.deepEqual((await first(one)).remarks, []);
  await store.add(two);
  await store.activate('small@2', 'grip');
  const next = await first(one);
  assert.equal(say(next), '2 before it 1');
  assert.deepEqual(next.remarks, []);
  assert.match(next.note!, /^small@2 serves; 'model: .*' was for the first start$/);
});

test('nothing active: what to do; what is active for all pipelines serves those that have nothing of their own', async () => {
  const { store, first } = await setUp();
  assert.match(say(await first('store')), /no version is active for pipeline grip; .* activate it/);
  assert.match(say(await first('nosuch')), /no such file/);
  await store.add(two);
  await store.activate('small@2');
  assert.equal(say(await first('store')), '2 before it none');
  assert.equal(say(await first(one)), '2 before it none');
});

test('the active version is damaged: the previous one serves, and both damaged: none, with the reasons', async () => {
  const { store, first } = await setUp();
  for (const [file, name] of [
    [one, 'small@1'],
    [two, 'small@2'],
  ] as const) {
    await store.add(file);
    await store.activate(name, 'grip');
  }
  const lose = async (name: string): Promise<void> => {
    const { path } = await store.verify(name);
    removeStore(path.slice(0, path.lastIndexOf('/')));
    rmSync(path, { force: true });
  };
  await lose('small@2');
  const fallen = await first('store');
  assert.equal(say(fallen), '1 before it none');
  assert.match(fallen.remarks.join(), /small@1 serves in its place: .*small@2/);
  await lose('small@1');
  assert.match(say(await first('store')), /no version that could serve: .*small@2.*small@1/);
});

test('an active version that is damaged is put back from the file of the configuration, if that is the same', async () => {
  const { store, first } = await setUp();
  await first(one);
  const { path } = await store.verify('small@1');
  chmodSync(path, 0o600);
  truncateSync(path, 100);
  assert.match(say(await first(two)), /no version that could serve/);
  const mended = await first(one);
  assert.equal(say(mended), '1 before it none');
  assert.match(
    mended.remarks.join(),
    /has 100 bytes with .*; it has been put back from .*small\.safetensors/,
  );
  assert.deepEqual((await first(one)).remarks, []);
});

test('selections that cannot be read are a fault, with what to do', async () => {
  const { store, first, folder: of } = await setUp();
  await first(one);
  writeFileSync(join(of, 'active.json'), '{');
  assert.match(
    say(await first(one)),
    /active\.json cannot be read: .*; activate a version for each pipeline/,
  );
  await store.activate('small@1', 'grip');
  assert.equal(say(await first(one)), '1 before it none');
});

test('a file that the store refuses is no model to begin with', async () => {
  const store = new ModelStore(storeFolder(), { maxBytes: 100 });
  await store.open();
  assert.match(say(await modelOfStore(store, 'grip', { model: one })), /too_large/);
});
