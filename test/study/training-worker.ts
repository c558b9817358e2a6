/** A thread of the pool: one training after the other. */
import { parentPort } from 'node:worker_threads';
import { loadParts } from './data.js';
import type { FromWorker, ToWorker } from './pool.js';
import { runTraining } from './training.js';

const port = parentPort!;
const send = (message: FromWorker): void => port.postMessage(message);

port.on('message', async ({ index, job }: ToWorker) => {
  try {
    let told = 0;
    const result = await runTraining(job, await loadParts(job.data), (share) => {
      if (share - told < 0.02) return;
      told = share;
      send({ index, share });
    });
    send({ index, result });
  } catch (error) {
    send({ index, error: (error as Error).stack ?? String(error) });
  }
});
