import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  checkModel,
  createKeys,
  ModelStore,
  readPrivateKey,
  readPublicKey,
  signModel,
} from '../../../../runtime/swap/index.js';
import { checkSignature, type Signature, type Signed } from '../../../../runtime/swap/signature.js';
import { MemoryDisk } from '../../../support/memory-disk.js';
import { temporaryFolder } from '../../../support/small-model.js';
import { putFile, storeModel } from '../../../support/store-models.js';

const ours = createKeys();
const theirs = createKeys();
const key = readPrivateKey(ours.privateKey);
const trusted = readPublicKey(ours.publicKey);
const signed: Signed = { id: 'grasp', version: '2', sha256: 'ab'.repeat(32), size: 1234 };

test('what is signed is a text that other programs can check', () => {
  const { value, key: id } = signModel(signed, key);
  const text = `whorl model signature 1\ngrasp\n2\n1234\n${'ab'.repeat(32)}\n`;
  assert.ok(verify(null, Buffer.from(text), createPublicKey(ours.publicKey), Buffer.from(value, 'base64')));
  assert.equal(id, ours.id);
});

test('a signature holds for one file, name and version, and for the key that made it', () => {
  const signature = signModel(signed, key);
  const policy = { keys: [readPublicKey(theirs.publicKey), trusted], required: true };
  checkSignature(signed, signature, policy);
  const others: Partial<Signed>[] = [
    { id: 'grip' },
    { version: '3' },
    { sha256: 'ac'.repeat(32) },
    { size: 1235 },
  ];
  for (const other of others)
    assert.throws(() => checkSignature({ ...signed, ...other }, signature, policy), {
      code: 'bad_signature',
      message: /does not fit the file/,
    });
  const flipped: Signature = {
    ...signature,
    value: `${signature.value[0] === 'A' ? 'B' : 'A'}${signature.value.slice(1)}`,
  };
  assert.throws(() => checkSignature(signed, flipped, policy), { code: 'bad_signature' });
  const stranger = { keys: [readPublicKey(theirs.publicKey)], required: false };
  assert.throws(() => checkSignature(signed, signature, stranger), {
    code: 'bad_signature',
    message: new RegExp(`signed with key ${ours.id}, which is none of the 1 pinned`),
  });
});

test('the id of a key is a hint and opens nothing', () => {
  const forged = { ...signModel(signed, readPrivateKey(theirs.privateKey)), key: ours.id };
  assert.throws(() => checkSignature(signed, forged, { keys: [trusted], required: true }), {
    code: 'bad_signature',
  });
});

test('without a signature a model passes only where none is required; without keys nothing passes that requires one', () => {
  checkSignature(signed, undefined, { keys: [trusted], required: false });
  checkSignature(signed, signModel(signed, key), { keys: [], required: false });
  assert.throws(() => checkSignature(signed, undefined, { keys: [trusted], required: true }), {
    code: 'not_signed',
  });
  assert.throws(() => checkSignature(signed, signModel(signed, key), { keys: [], required: true }), {
    code: 'bad_signature',
  });
});

test('keys of other kinds, and private keys in the place of public ones, are refused', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  for (const text of [pem, 'hello', '']) assert.throws(() => readPublicKey(text), /is no Ed25519 public key/);
  assert.throws(() => readPublicKey(ours.privateKey), /is a private key; pin the public one/);
  assert.throws(() => readPrivateKey(ours.publicKey), /is no Ed25519 private key/);
});

test('a store that requires signatures takes signed models, keeps the signature and checks it again', async () => {
  const bytes = readFileSync(await storeModel(temporaryFolder(), '1'));
  const { id, version, sha256 } = await checkModel(new Uint8Array(bytes), 'small');
  const signature = signModel({ id, version, sha256, size: bytes.length }, key);
  const files = new MemoryDisk();
  await putFile(files, '/model', bytes);
  const options = { files, keys: [trusted], requireSignature: true };
  const store = new ModelStore('/store', options);
  await store.open();
  await assert.rejects(store.add('/model'), { code: 'not_signed' });
  for (const wrong of ['', '{}', JSON.stringify({ ...signature, algorithm: 'none' })]) {
    await putFile(files, '/model.sig', wrong);
    await assert.rejects(store.add('/model'), {
      code: 'bad_signature',
      message: /model\.sig is no signature file/,
    });
  }
  await putFile(files, '/model.sig', JSON.stringify(signModel({ ...signed, sha256 }, key)));
  await assert.rejects(store.add('/model'), { code: 'bad_signature' });
  assert.deepEqual(await store.list(), []);
  await putFile(files, '/model.sig', JSON.stringify(signature));
  assert.deepEqual((await store.add('/model')).manifest.signature, signature);
  await store.activate('small@1');
  const stricter = new ModelStore('/store', { ...options, keys: [readPublicKey(theirs.publicKey)] });
  await assert.rejects(stricter.activate('small@1'), { code: 'bad_signature' });
  assert.match((await stricter.serving()).reasons.join(), /none of the 1 pinned keys/);
});

test('a store without signatures lets nothing serve once they are required', async () => {
  const files = new MemoryDisk();
  await putFile(files, '/model', readFileSync(await storeModel(temporaryFolder(), '1')));
  const store = new ModelStore('/store', { files });
  await store.open();
  await store.add('/model');
  await store.activate('small@1');
  const strict = new ModelStore('/store', { files, keys: [trusted], requireSignature: true });
  const { which, reasons } = await strict.serving();
  assert.deepEqual([which, reasons.length], ['none', 1]);
  assert.match(reasons[0]!, /not_signed/);
});
