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
