import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../../../runtime/clock.js';
import { InferenceCore, InferenceService, threadWorker } from '../../../../runtime/inference/index.js';
import type { Outcome } from '../../../../runtime/inference/tickets.js';
import { threadWorkerOf } from '../../../../runtime/inference/worker-port.js';
import { smallModelFile, temporaryFolder } from '../../../support/small-model.js';

const engine = { name: 'event' };
const folder = temporaryFolder();

function classify(service: InferenceService, handle: number, cells: number[]): Promise<Outcome<'infer'>> {
  const lane = service.open(1, () => {});
  return new Promise((resolve, reject) => {
    service.submit(lane, {
      handle,
      cells: Uint32Array.from(cells),
      done: resolve,
      dropped: (reason) => reject(new Error(reason)),
    });
  });
}

test('a worker thread answers as the same core does in this thread', async () => {
  const path = await smallModelFile(folder);
  const core = new InferenceCore(systemClock);
  await core.load(1, { path, engine });
  const service = new InferenceService({ clock: systemClock, spawn: threadWorker });
  service.start();
  const loaded = await service.load({ path, engine });
  assert.ok(loaded.ok);
  assert.equal(loaded.model.id, 'small');
  for (const cells of [[], [0, 3, 8], [1, 5, 9, 13, 17, 21]]) {
    const outcome = await classify(service, loaded.handle, cells);
    assert.ok(outcome.ok);
    const expected = await core.infer(1, Uint32Array.from(cells));
    assert.deepEqual({ ...outcome.value, durations: 0 }, { ...expected, durations: 0 });
  }
  const refused = await service.load({ path: `${folder}/absent.safetensors`, engine });
  assert.ok(!refused.ok);
  assert.match(refused.reason, /ENOENT/);
  await service.stop();
});

test('a thread that dies loses one window and comes back', async () => {
  const service = new InferenceService({
    clock: systemClock,
    backoffMs: { min: 1, max: 1 },
    spawn: threadWorkerOf(new URL('../../../support/crashing-worker.js', import.meta.url)),
  });
  service.start();
  const loaded = await service.load({ path: await smallModelFile(folder), engine });
  assert.ok(loaded.ok);
  const lost = await classify(service, loaded.handle, [23]);
  assert.ok(!lost.ok && lost.lost);
  assert.match(lost.reason, /the inference worker ended: exit code 7/);
  const answered = await classify(service, loaded.handle, [22]);
  assert.ok(answered.ok);
  assert.deepEqual({ ...service.counters[0] }, { answered: 1, failed: 0, lost: 1, crashes: 1 });
  await service.stop();
});
