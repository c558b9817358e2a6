import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RemoteBench } from '../../../support/remote-service.js';
import { smallModelFile, temporaryFolder } from '../../../support/small-model.js';

const path = await smallModelFile(temporaryFolder());

test('a fault in what is done with an answer is told, and the answers after it come', async () => {
  const bench = await RemoteBench.withWorker(path);
  const lane = bench.service.open(4, () => {});
  const job = bench.job('w0');
  bench.service.submit(lane, {
    ...job,
    run: async (worker) => {
      await job.run(worker);
      return () => {
        throw new Error('a deal');
      };
    },
  });
  bench.service.submit(lane, bench.job('w1'));
  await bench.answer(1);
  await bench.answer(0);
  assert.deepEqual(bench.ends, ['w1 slip']);
  const faults = bench.lines.filter(({ level }) => level === 'error');
  assert.deepEqual(
    faults.map(({ facts }) => (facts['err'] as Error).message),
    ['a deal'],
  );
  await bench.service.stop(1000);
});
