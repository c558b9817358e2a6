import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { lookEveryMs } from '../../../../../runtime/edge/models/incoming.js';
import {
  passingTries,
  type Staged,
  Staging,
  type StagingOptions,
} from '../../../../../runtime/edge/models/staging.js';
import { Refusal, type StorePort } from '../../../../../runtime/swap/index.js';
import { FakeClock } from '../../../../support/clock.js';
import { temporaryFolder } from '../../../../support/small-model.js';

const sha256 = 'ab'.repeat(32);
const staged: Staged = { model: 'small@1', sha256, is_new: true };

/** A staging whose store gives what `edge.answer` says; `looks` resolves when the store was asked so many times. */
function setUp() {
  const folder = temporaryFolder();
  const [store, incoming] = [join(folder, 'store'), join(folder, 'incoming')];
  for (const each of [store, incoming]) mkdirSync(each);
  const clock = new FakeClock();
  const told: (Staged | Error)[] = [];
  const edge: { asked: number; answer: Error | undefined } = { asked: 0, answer: undefined };
  const add = async () => {
    edge.asked++;
    if (edge.answer !== undefined) throw edge.answer;
    return { manifest: { id: 'small', version: '1', sha256 }, isNew: true };
  };
  const staging = new Staging({
    store: { add } as unknown as StorePort,
    models: { store, incoming, maxMb: 1, httpsHosts: [] } as unknown as StagingOptions['models'],
    ...{ httpsCa: undefined, clock, onFault: () => {} },
    onIncoming: (_, outcome) => told.push(outcome),
  });
  return { store, incoming, clock, told, edge, staging };
}

/** Looks go on until a condition is met; each waits for the files of the one before. */
async function looks(clock: FakeClock, until: () => boolean): Promise<void> {
  while (!until()) {
    if (clock.nextDueMs !== undefined) clock.advance(lookEveryMs);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('a file that comes while the store is busy goes in when it is not; nobody hears of a refusal', async () => {
  const { incoming, clock, told, edge, staging } = setUp();
  edge.answer = new Refusal('busy', 'somebody else is changing it');
  writeFileSync(join(incoming, 'small.safetensors'), 'x');
  staging.start();
  await looks(clock, () => edge.asked === 2);
  edge.answer = undefined;
  await looks(clock, () => told.length > 0);
  assert.deepEqual(told, [staged]);
  await staging.stop();
  assert.equal(clock.waiting, 0);
});

test('a store that stays busy is told of once', async () => {
  const { incoming, clock, told, edge, staging } = setUp();
  const busy = new Refusal('busy', 'somebody else is changing it');
  edge.answer = busy;
  writeFileSync(join(incoming, 'small.safetensors'), 'x');
  staging.start();
  await looks(clock, () => edge.asked === passingTries - 1);
  assert.deepEqual(told, []);
  await looks(clock, () => edge.asked === 3 * passingTries);
  assert.deepEqual(told, [busy]);
  await staging.stop();
});

test('a file that is refused for what it is, is told at once and not tried again', async () => {
  const { incoming, clock, told, edge, staging } = setUp();
  edge.answer = new Refusal('bad_file', 'it is none');
  writeFileSync(join(incoming, 'small.safetensors'), 'x');
  staging.start();
  await looks(clock, () => told.length > 0);
  writeFileSync(join(incoming, 'z.safetensors'), 'x');
  await looks(clock, () => told.length > 1);
  assert.equal(edge.asked, 2, 'one each');
  await staging.stop();
});

test('a store whose folder has gone takes no pieces, and is not made by them', async () => {
  const { store, staging } = setUp();
  rmSync(store, { recursive: true });
  const piece = { upload: 'u1', offset: 0, bytes: 4, data: Buffer.from('abcd') };
  await assert.rejects(staging.piece(piece, sha256), { name: 'Refusal', code: 'store_unusable' });
  assert.equal(existsSync(store), false);
});
