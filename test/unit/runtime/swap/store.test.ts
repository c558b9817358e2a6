import assert from 'node:assert/strict';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ModelStore, Refusal, type StoreOptions } from '../../../../runtime/swap/index.js';
import { MemoryDisk } from '../../../support/memory-disk.js';
import { temporaryFolder } from '../../../support/small-model.js';
import { putFile, storeFolder, storeModel } from '../../../support/store-models.js';

const sources = temporaryFolder();
const [one, two, three] = [
  await storeModel(sources, '1'),
  await storeModel(sources, '2'),
  await storeModel(sources, '3'),
] as const;

const processes = { self: 'this', isAlive: (owner: string) => owner === 'this' };

/** A store in memory, with the model files `/1`, `/2`, `/3` of these versions. */
async function memoryStore(options: StoreOptions = {}): Promise<{ store: ModelStore; files: MemoryDisk }> {
  const files = new MemoryDisk();
  for (const [version, path] of [one, two, three].entries())
    await putFile(files, `/${version + 1}`, readFileSync(path));
  const store = new ModelStore('/store', { files, processes, now: () => 0, ...options });
  await store.open();
  return { store, files };
}

async function refusal(code: string, what: RegExp, action: Promise<unknown>): Promise<void> {
  const error = await action.then(
    () => assert.fail(`not refused: ${code}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Refusal, String(error));
  assert.deepEqual([error.code, what.test(error.message)], [code, true], error.message);
  assert.ok(error.message.endsWith(error.remedy));
}

test('a model that was added is there with what the store knows of it, read-only, and nothing is left in staging', async () => {
  const root = join(storeFolder(), 'store');
  const store = new ModelStore(root, { now: () => 1_000 });
  await store.open();
  const { manifest, isNew } = await store.add(one);
  assert.equal(isNew, true);
  assert.deepEqual(manifest, {
    schema: 'whorl.model/1',
    id: 'small',
    version: '1',
    sha256: manifest.sha256,
    size: readFileSync(one).length,
    labels: ['press', 'slip', 'none'],
    selfTestWindows: 3,
    added: '1970-01-01T00:00:01.000Z',
    from: one,
  });
  const [listed, ...others] = await store.list();
  assert.deepEqual([listed!.manifest, others], [manifest, []]);
  const { path } = await store.verify('small@1');
  assert.equal(path, join(root, 'models', 'small', `1-${manifest.sha256.slice(0, 8)}`, 'model.safetensors'));
  assert.deepEqual(readFileSync(path), readFileSync(one));
  for (const each of [path, join(path, '..', 'manifest.json'), join(path, '..')])
    assert.equal((await stat(each)).mode & 0o222, 0);
});

test('the same file again is no change, and another file of that version is refused', async () => {
  const { store, files } = await memoryStore();
  const first = await store.add('/1');
  assert.deepEqual(await store.add('/1'), { ...first, isNew: false });
  const other = await storeModel(sources, '1', (content) => ({
    ...content,
    training: { by: 'somebody else' },
  }));
  await putFile(files, '/other', readFileSync(other));
  await refusal('hash_conflict', /small@1 is in the store as 1-/, store.add('/other'));
  assert.deepEqual((await store.list()).length, 1);
  assert.deepEqual(await files.list('/store/.staging'), []);
});

test('files that are no models, or no good ones, are refused and leave nothing', async () => {
  const { store, files } = await memoryStore({ maxBytes: readFileSync(two).length + 100 });
  const bytes = readFileSync(one);
  const flipped = Buffer.from(bytes).fill(0xff, bytes.length - 4); // NaN
  const huge = Buffer.from(bytes);
  huge.writeBigUInt64LE(2n ** 31n);
  const damaged = {
    text: Buffer.from('hello, robot'),
    half: bytes.subarray(0, bytes.length / 2),
    flipped,
    huge,
  };
  const codes = { text: 'bad_file', half: 'truncated', flipped: 'not_finite', huge: 'too_large' } as const;
  for (const [name, content] of Object.entries(damaged)) {
    await putFile(files, `/${name}`, content);
    await refusal(codes[name as keyof typeof codes], new RegExp(name), store.add(`/${name}`));
  }
  await refusal('bad_file', /is not a file/, store.add('/store'));
  await putFile(files, '/large', Buffer.alloc(bytes.length + 1000));
  await refusal('too_large', /more than the limit/, store.add('/large'));
  await assert.rejects(store.add('/nosuch'), { code: 'ENOENT' });
  assert.deepEqual([await store.list(), await files.list('/store/.staging')], [[], []]);
});

test('a model whose self-test fails is refused; one without a self-test is compared with the reference engine', async () => {
  const { store, files } = await memoryStore();
  const wrong = await storeModel(sources, '1', (content) => ({
    ...content,
    selfTest: content.selfTest.map((test) => ({ ...test, label: (test.label + 1) % 3 })),
  }));
  await putFile(files, '/wrong', readFileSync(wrong));
  await refusal('self_test', /small@1: self-test window 0: label/, store.add('/wrong'));
  const beyond = await storeModel(sources, '1', (content) => ({
    ...content,
    selfTest: [{ ...content.selfTest[0]!, cellDeltas: [10_000_000] }],
  }));
  await putFile(files, '/beyond', readFileSync(beyond));
  await refusal('self_test', /has cell 10000000/, store.add('/beyond'));
  await putFile(
    files,
    '/none',
    readFileSync(await storeModel(sources, '1', (all) => ({ ...all, selfTest: [] }))),
  );
  assert.equal((await store.add('/none')).manifest.selfTestWindows, 0);
});

test('names that would lead elsewhere are refused, from files and from people', async () => {
  const { store, files } = await memoryStore();
  for (const name of ['../../etc', '.hidden', 'a/b', 'a b']) {
    const bad = await storeModel(sources, '1', ({ spec, ...rest }) => ({ ...rest, spec: { ...spec, name } }));
    await putFile(files, '/bad', readFileSync(bad));
    await refusal('bad_name', /the id '/, store.add('/bad'));
  }
  for (const name of ['small', '../x@1', 'small@../../x', 'small@1@2', '@', 'a/b@1', ''])
    for (const action of [() => store.verify(name), () => store.activate(name), () => store.remove(name)])
      await refusal('bad_name', /./, action());
  await refusal('bad_name', /the pipeline/, store.activate('small@1', '../x'));
  await refusal('bad_name', /the pipeline/, store.rollback('../x'));
});

test('links out of the store are not followed', async () => {
  const folder = storeFolder();
  const [outside, root] = [join(folder, 'outside'), join(folder, 'store')];
  const elsewhere = new ModelStore(outside);
  await elsewhere.open();
  await elsewhere.add(one);
  const { path } = await elsewhere.verify('small@1');
  const store = new ModelStore(root);
  await store.open();
  await mkdir(join(root, 'models', 'small'));
  symlinkSync(join(path, '..'), join(root, 'models', 'small', path.split('/').at(-2)!));
  assert.match((await store.list())[0]!.fault!, /leads to .*outside.*, out of the store \(bad_name\)/);
  await refusal('damaged', /leads to/, store.activate('small@1'));
  await store.remove('small@1');
  await elsewhere.verify('small@1'); // the link went and not what it points to
  symlinkSync(join(outside, 'models', 'small'), join(root, 'models', 'other'));
  await refusal('not_found', /other@1/, store.verify('other@1'));
  const renamed = await storeModel(sources, '5', ({ spec, ...rest }) => ({
    ...rest,
    spec: { ...spec, name: 'other' },
  }));
  await refusal('bad_name', /out of the store/, store.add(renamed));
});

test('one change at a time; the lock of a process that is gone is taken away', async () => {
  const { store, files } = await memoryStore();
  const first = store.add('/1');
  await refusal('busy', /somebody else is changing/, store.add('/2'));
  await first;
  await store.add('/2');
  await files.link('this', '/store/.lock');
  await refusal('busy', /\/store/, store.remove('small@2'));
  await store.open(); // and reads go on
  assert.equal((await store.list()).length, 2);
  await files.remove('/store/.lock');
  await files.link('process that was killed', '/store/.lock');
  await store.remove('small@2');
  assert.equal(await files.kind('/store/.lock'), undefined);
});

test('activation, roll-back and removal; what serves or served last is not removed', async () => {
  const { store, files } = await memoryStore();
  for (const path of ['/1', '/2', '/3']) await store.add(path);
  assert.deepEqual(await store.serving(), { which: 'none', reasons: [] });
  await refusal('no_previous', /pipeline default/, store.rollback());
  await store.activate('small@1');
  await refusal('no_previous', /pipeline default/, store.rollback());
  await store.activate('small@2');
  const again = await store.activate('small@2');
  assert.deepEqual([again.active.version, again.previous!.version], ['2', '1']);
  await refusal('in_use', /small@1 is active or previous in default/, store.remove('small@1'));
  await refusal('in_use', /small@2/, store.remove('small@2'));
  const back = await store.rollback();
  assert.deepEqual([back.active.version, back.previous!.version], ['1', '2']);
  await store.activate('small@3', 'other');
  await refusal('in_use', /in other/, store.remove('small@3'));
  const serving = await store.serving('other');
  assert.equal(serving.model!.manifest.version, '3');
  assert.equal((await store.serving()).model!.manifest.version, '1');
  await store.activate('small@3');
  await store.remove('small@2');
  assert.deepEqual(await files.list('/store/.staging'), []);
  await refusal('not_found', /small@2 is not in the store/, store.remove('small@2'));
  await refusal('not_found', /small@2/, store.activate('small@2'));
});

test('a damaged or missing active version falls back to the previous one, then to none, and says why', async () => {
  const root = storeFolder();
  const store = new ModelStore(root);
  await store.open();
  for (const [path, name] of [
    [one, 'small@1'],
    [two, 'small@2'],
  ] as const) {
    await store.add(path);
    await store.activate(name);
  }
  await truncate((await store.verify('small@2')).path, 100);
  const previous = await store.serving();
  assert.deepEqual([previous.which, previous.model!.manifest.version], ['previous', '1']);
  assert.match(previous.reasons.join(), /^[^,]*100 bytes with digest .*\(damaged\)/);
  await refusal('damaged', /100 bytes/, store.activate('small@2'));
  writeFileSync(join((await store.verify('small@1')).path, '..', 'manifest.json'), '{');
  const none = await store.serving();
  assert.deepEqual([none.which, none.model, none.reasons.length], ['none', undefined, 2]);
  assert.equal((await store.add(two)).isNew, true); // mends it
  assert.equal((await store.serving()).which, 'active');
  assert.equal((await store.add(one)).isNew, true);
  assert.equal((await store.rollback()).active.version, '1');
});

test('a damaged active.json selects nothing and says so; the next activation writes a new one', async () => {
  const { store, files } = await memoryStore();
  await store.add('/1');
  await store.activate('small@1');
  for (const text of [
    '',
    '{',
    '[]',
    '{"schema":"whorl.active/9","pipelines":{}}',
    '{"schema":"whorl.active/1","pipelines":{"a":{}}}',
  ]) {
    await putFile(files, '/store/active.json', text);
    const { which, reasons } = await store.serving();
    assert.deepEqual([which, reasons.length], ['none', 1]);
    assert.match(reasons[0]!, /^\/store\/active\.json cannot be read: /);
  }
  await store.activate('small@1');
  assert.equal((await store.serving()).which, 'active');
});

test('a full disk is told as such and leaves the store as it was', async () => {
  const { store, files } = await memoryStore();
  await store.add('/1');
  files.writeError = 'ENOSPC';
  await refusal('no_space', /ENOSPC/, store.add('/2'));
  await refusal('no_space', /ENOSPC/, store.activate('small@1'));
  files.writeError = 'EIO';
  await refusal('store_unusable', /EIO/, store.add('/2'));
  files.writeError = undefined;
  assert.deepEqual(await files.list('/store/.staging'), []);
  assert.equal((await store.list()).length, 1);
  assert.equal((await store.add('/2')).isNew, true);
});
