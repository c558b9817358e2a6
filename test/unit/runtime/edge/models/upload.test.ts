import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Piece, Uploads, uploadIdleMs } from '../../../../../runtime/edge/models/upload.js';
import { FakeClock } from '../../../../support/clock.js';
import { settled } from '../../../../support/scripted-worker.js';
import { temporaryFolder } from '../../../../support/small-model.js';

const whole = Buffer.from('0123456789');

function setUp(maxBytes = 100) {
  const clock = new FakeClock();
  const folder = join(temporaryFolder(), 'upload');
  const uploads = new Uploads({ folder, maxBytes, clock });
  const piece = (from: number, to: number, change: Partial<Piece> = {}) =>
    uploads.take({
      upload: 'u1',
      offset: from,
      data: whole.subarray(from, to),
      bytes: whole.length,
      ...change,
    });
  return { clock, folder, uploads, piece };
}

test('pieces in order make the file, with its signature; one that comes twice is no harm', async () => {
  const { piece } = setUp();
  assert.deepEqual(await piece(0, 4, { signature: 'signed' }), { received: 4 });
  assert.deepEqual(await piece(0, 4), { received: 4 });
  assert.deepEqual(await piece(4, 7), { received: 7 });
  assert.deepEqual(await piece(4, 7), { received: 7 });
  const { received, path } = await piece(7, 10);
  assert.equal(received, 10);
  assert.deepEqual(readFileSync(path!), whole);
  assert.equal(readFileSync(`${path}.sig`, 'utf8'), 'signed');
});

test('what does not follow, is too large, unknown, or would leave the folder is refused with the way on', async () => {
  const { piece, folder } = setUp(50);
  await assert.rejects(piece(4, 7), { code: 'upload-unknown', remedy: /offset 0/ });
  await assert.rejects(piece(0, 4, { bytes: 51 }), { code: 'too-large' });
  await assert.rejects(piece(0, 4, { upload: '../etc' }), { code: 'bad-name' });
  assert.equal(existsSync(folder), false);
  await piece(0, 4);
  await assert.rejects(piece(5, 7), { code: 'upload-order', remedy: /offset 4/ });
  await assert.rejects(piece(4, 10, { data: Buffer.alloc(20) }), { code: 'upload-order' });
  await assert.rejects(piece(0, 4, { upload: 'u2' }), { code: 'upload-busy' });
});

test('an upload ends after the piece that is being written, and leaves no file and no timer', async () => {
  const { clock, folder, uploads, piece } = setUp();
  await piece(0, 4);
  const written = piece(4, 7);
  await uploads.end();
  assert.deepEqual(await written, { received: 7 });
  assert.equal(existsSync(folder), false);
  assert.equal(clock.waiting, 0);
});

test('pieces that come with or after the stop are refused, and set no timer', async () => {
  const { clock, folder, uploads, piece } = setUp();
  const first = piece(0, 4);
  const stopped = uploads.stop();
  await assert.rejects(piece(0, 4), { code: 'stopping' });
  await Promise.allSettled([first, stopped]);
  assert.equal(existsSync(folder), false);
  assert.equal(clock.waiting, 0);
});

test('a piece that comes at the last moment keeps the upload', async () => {
  const { clock, piece } = setUp();
  await piece(0, 4);
  const late = piece(4, 7);
  clock.advance(uploadIdleMs); // before the piece has its turn
  assert.deepEqual(await late, { received: 7 });
  assert.deepEqual((await piece(7, 10)).received, 10);
});

test('a file that is whole waits for as long as it takes to add it', async () => {
  const { clock, piece } = setUp();
  const { path } = await piece(0, 10);
  await piece(0, 10);
  clock.advance(10 * uploadIdleMs);
  await settled();
  assert.ok(existsSync(path!));
});

test('an upload that nobody goes on with is given up, and leaves nothing', async () => {
  const { clock, folder, piece } = setUp();
  await piece(0, 4);
  clock.advance(uploadIdleMs - 1);
  await piece(4, 5);
  clock.advance(uploadIdleMs - 1);
  assert.ok(existsSync(folder));
  clock.advance(1);
  while (existsSync(folder)) await settled();
  await assert.rejects(piece(5, 7), { code: 'upload-unknown' });
  assert.deepEqual(await piece(0, 4, { upload: 'u2' }), { received: 4 });
});

test('a file has the name that it comes with, which says nothing of another folder', async () => {
  const { piece, folder } = setUp(50);
  await assert.rejects(piece(0, 4, { file: '../grasp.safetensors' }), { code: 'bad-name' });
  await assert.rejects(piece(0, 4, { bytes: 51, file: 'grasp.safetensors' }), {
    message: /^grasp.safetensors: 51/,
  });
  const { path } = await piece(0, 10, { file: 'grasp.safetensors' });
  assert.equal(path, join(folder, 'grasp.safetensors'));
});
