/** `whorl models` on a store, as processes: what it says, writes and exits with. */
import assert from 'node:assert/strict';
import { readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ModelStore } from '../../runtime/swap/index.js';
import { run } from '../support/command.js';
import { temporaryFolder } from '../support/small-model.js';
import { storeFolder, storeModel } from '../support/store-models.js';

test('from a key to a signed version that serves, is rolled back, damaged and removed', {
  timeout: 120_000,
}, async (t) => {
  const sources = temporaryFolder();
  const [one, two] = [await storeModel(sources, '1'), await storeModel(sources, '2')];
  const [key, store] = [join(sources, 'team'), join(storeFolder(), 'store')];
  const models = async (code: number, said: RegExp, ...words: string[]): Promise<void> => {
    const result = await run(t, ['models', ...words]);
    assert.deepEqual(
      [result.code, said.test(result.stdout + result.stderr)],
      [code, true],
      JSON.stringify(result),
    );
  };
  const [at, trust] = [
    ['--store', store],
    ['--trust', `${key}.pub`, '--require-signature'],
  ];

  await models(1, /there is no such folder; 'whorl models add' makes one/, 'ls', ...at);
  await models(
    0,
    /^wrote .*team\.key \(keep it secret\) and .*team\.pub, key [0-9a-f]{16}$/m,
    'keygen',
    '-o',
    key,
  );
  assert.equal(statSync(`${key}.key`).mode & 0o077, 0);
  await models(1, /team\.key: file already exists/, 'keygen', '-o', key);
  await models(
    1,
    /^whorl: small@1 has no signature \(not_signed\): sign the file/m,
    'add',
    one,
    ...at,
    ...trust,
  );
  await models(2, /--key .*team\.pub: is no Ed25519 private key/, 'sign', one, '--key', `${key}.pub`);
  await models(
    0,
    /^wrote small\.safetensors\.sig: small@1 signed with /m,
    'sign',
    one,
    '--key',
    `${key}.key`,
  );
  await models(
    0,
    /^added small@1 {2}[0-9a-f]{64} {2}3 self-test windows right$/m,
    'add',
    one,
    ...at,
    ...trust,
  );
  await models(0, /^there already: small@1/m, 'add', one, ...at, ...trust);
  await models(2, /--require-signature: needs the keys/, 'add', two, ...at, '--require-signature');
  await models(0, /^added small@2/m, 'add', two, ...at);
  await models(1, /small@2 has no signature \(not_signed\)/, 'activate', 'small@2', ...at, ...trust);
  await models(0, /^small@1 is active in default, previous: none$/m, 'activate', 'small@1', ...at, ...trust);
  await models(0, /^small@2 is active in default, previous: small@1$/m, 'activate', 'small@2', ...at);
  await models(0, /^small@1 is active in default again$/m, 'rollback', ...at, ...trust);
  await models(
    0,
    /^small@1 {2}.* 3 classes, signed with .*, active in default$\n^small@2 .*not signed.*, previous in default$/m,
    'ls',
    ...at,
  );
  await models(1, /small@2 is active or previous in default \(in_use\)/, 'rm', 'small@2', ...at);
  await models(
    0,
    /^small@1 {2}[0-9a-f]{64} {2}as it was added\nsmall@2 .*as it was added\n$/,
    'verify',
    ...at,
  );

  truncateSync((await new ModelStore(store).verify('small@1')).path, 10);
  await models(1, /^pipeline default starts with previous: .*10 bytes.*\(damaged\)/m, 'verify', ...at);
  await models(0, /^added small@1/m, 'add', one, ...at);
  await models(
    1,
    /no pipeline 'othr', but: default; a new one .*--new-pipeline/,
    'activate',
    'small@1',
    '--pipeline',
    'othr',
    ...at,
  );
  await models(0, /small@1 is active in other/, 'activate', 'small@1', '--new-pipeline', 'other', ...at);
  const listed = await run(t, ['models', 'ls', '--json', ...at]);
  const about = JSON.parse(listed.stdout);
  assert.deepEqual(about.models[0].roles, ['active in default', 'active in other']);
  assert.equal(about.pipelines.other.active.sha256, about.models[0].manifest.sha256);
  assert.equal(readFileSync(one).length, about.models[0].manifest.size);
});
