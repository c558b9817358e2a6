import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ModelStore, Refusal, storeFault } from '../../../../runtime/swap/index.js';
import { temporaryFolder } from '../../../support/small-model.js';
import { storeFolder, storeModel } from '../../../support/store-models.js';

const fault = (code: string, more: object = {}): Error =>
  Object.assign(new Error(`${code}: in words`), { code, ...more });

function refused(error: unknown): string | undefined {
  const told = storeFault('/store', error);
  return told instanceof Refusal ? told.code : undefined;
}

test('errors of the disk below a store are refusals, with the folder and the words of the system', () => {
  for (const code of ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS', 'EIO'])
    assert.equal(refused(fault(code, { path: '/store/models/a' })), 'store_unusable', code);
  assert.equal(refused(fault('ENOSPC', { path: '/store' })), 'no_space');
  assert.equal(refused(fault('EDQUOT')), 'no_space');
  assert.equal(refused(fault('EIO')), 'store_unusable', 'an open file has no path');
  const { message } = storeFault('/store', fault('EIO', { path: '/store/active.json' })) as Refusal;
  assert.match(message, /^\/store cannot be used: EIO: in words \(store_unusable\): /);
});

test('a link is made at its second path', () => {
  assert.equal(refused(fault('ENOENT', { path: '12.34.boot', dest: '/store/.lock' })), 'store_unusable');
  assert.equal(refused(fault('ENOENT', { path: '/else/a', dest: '/store/b' })), 'store_unusable');
});

test('what is none of the store, and refusals themselves, stay what they are', () => {
  for (const error of [
    fault('ENOENT', { path: '/store-2/models' }),
    fault('ENOENT', { path: '/incoming/..store/a' }),
    fault('EEXIST', { path: '/store/a' }),
    new Refusal('busy', 'x'),
    new Error('x'),
    'x',
  ])
    assert.equal(storeFault('/store', error), error);
});

test('a store whose folder has gone refuses changes by its own code, and works again when it is back', async () => {
  const folder = join(storeFolder(), 'store');
  const file = await storeModel(temporaryFolder(), '1');
  const store = new ModelStore(folder);
  await store.open();
  rmSync(folder, { recursive: true });
  const changes = [
    () => store.add(file),
    () => store.activate('small@1'),
    () => store.rollback(),
    () => store.remove('small@1'),
  ];
  for (const change of changes)
    await assert.rejects(change(), (error: Refusal) => {
      assert.equal(error.code, 'store_unusable');
      assert.match(error.what, new RegExp(`^${folder} cannot be used: ENOENT: .*\\.lock`));
      return true;
    });
  await store.open();
  assert.equal((await store.add(file)).isNew, true);
});
