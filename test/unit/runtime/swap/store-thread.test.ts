import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { systemClock } from '../../../../runtime/clock.js';
import { systemProcesses } from '../../../../runtime/durable/index.js';
import { Refusal, StoreThread } from '../../../../runtime/swap/index.js';
import type { StoreRequest } from '../../../../runtime/swap/store-port.js';
import type { StoreWorker } from '../../../../runtime/swap/store-thread.js';
import { FakeClock } from '../../../support/clock.js';
import { temporaryFolder } from '../../../support/small-model.js';
import { storeFolder, storeModel } from '../../../support/store-models.js';

const settings = { folder: '/store', keys: [], requireSignature: false, maxBytes: 1e6 };

/** Threads that the test answers for. */
class FakeThread extends EventEmitter {
  readonly asked: StoreRequest[] = [];
  terminated = false;
  postMessage(request: StoreRequest): void {
    this.asked.push(request);
  }
  async terminate(): Promise<number> {
    this.terminated = true;
    return 0;
  }
  /** Answers a request, also one that nobody waits for any more. */
  answer({ ticket }: StoreRequest = this.asked[0]!): void {
    this.emit('message', { ticket, value: [] });
  }
}

function setUp() {
  const clock = new FakeClock();
  const threads: FakeThread[] = [];
  const store = new StoreThread(settings, clock, () => {
    threads.push(new FakeThread());
    return threads.at(-1) as unknown as StoreWorker;
  });
  return { clock, threads, store };
}

test('the thread is there while it is needed, and 5 s longer', async () => {
  const { clock, threads, store } = setUp();
  const listed = store.list();
  threads[0]!.answer();
  assert.deepEqual(await listed, []);
  clock.advance(4999);
  assert.ok(!threads[0]!.terminated);
  clock.advance(1);
  assert.ok(threads[0]!.terminated);
  void store.list().catch(() => undefined);
  assert.equal(threads.length, 2);
  assert.equal(clock.waiting, 0);
});

test('an answer that comes when it is closed is nobody`s, and sets no timer', async () => {
  const { clock, threads, store } = setUp();
  const listed = assert.rejects(store.list(), /the runtime stops/);
  await store.close();
  await listed;
  threads[0]!.answer();
  assert.equal(clock.waiting, 0);
  await assert.rejects(store.list(), /the runtime stops/);
});

test('an answer of a thread that has been ended does not end the next one', async () => {
  const { clock, threads, store } = setUp();
  const first = store.list();
  threads[0]!.answer();
  await first;
  clock.advance(5000);
  const second = store.list();
  threads[0]!.answer();
  assert.equal(clock.waiting, 0, 'the second thread is at work');
  threads[1]!.answer();
  await second;
  assert.equal(clock.waiting, 1);
});

test('a thread that ended in the midst of a change locks nobody out', async () => {
  const folder = storeFolder();
  const store = new StoreThread({ ...settings, folder }, systemClock);
  after(() => store.close());
  await store.open();
  symlinkSync(systemProcesses.self, join(folder, '.lock')); // what it leaves
  assert.equal((await store.add(await storeModel(storeFolder(), '1'))).isNew, true);
});

test('refusals and errors of the system come through with their codes', async () => {
  const folder = join(storeFolder(), 'store');
  const store = new StoreThread({ ...settings, folder }, new FakeClock());
  after(() => store.close());
  await store.open();
  const file = await storeModel(temporaryFolder(), '1');
  await assert.rejects(store.add(`${file}x`), (error) => {
    assert.ok(!(error instanceof Refusal));
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOENT');
    return true;
  });
  await assert.rejects(store.verify('small@1'), { code: 'not_found' });
  rmSync(folder, { recursive: true });
  for (const ask of [() => store.add(file), () => store.verify('small@1'), () => store.list()])
    await assert.rejects(ask(), { name: 'Refusal', code: 'store_unusable' });
  await store.open();
  assert.deepEqual(await store.list(), []);
});
