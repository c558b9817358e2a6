/** Trainings side by side, one a core. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { createProgress } from '../../runtime/cli/progress.js';
import type { TrainedResult, TrainingJob } from './training.js';

export interface ToWorker {
  readonly index: number;
  readonly job: TrainingJob;
}

export type FromWorker = { readonly index: number } & (
  | { readonly share: number }
  | { readonly result: TrainedResult }
  | { readonly error: string }
);

/**
 * Runs all jobs; results stand in the order of the jobs, whichever thread they came from. One line is printed a job.
 * Rejects when a job fails.
 */
export async function runAll(jobs: readonly TrainingJob[]): Promise<TrainedResult[]> {
  const results = new Array<TrainedResult>(jobs.length);
  const shares = new Array<number>(jobs.length).fill(0);
  const progress = createProgress('study', { plainStep: 0.05 });
  const show = (): void => {
    const done = results.filter((result) => result !== undefined).length;
    progress.update(shares.reduce((a, b) => a + b, 0) / jobs.length, `${done}/${jobs.length} trainings`);
  };
  let next = 0;
  const thread = async (): Promise<void> => {
    const worker = new Worker(join(import.meta.dirname, 'training-worker.js'));
    try {
      while (next < jobs.length) {
        const index = next++;
        results[index] = await runJob(worker, { index, job: jobs[index]! }, (share) => {
          shares[index] = share;
          show();
        });
        shares[index] = 1;
        show();
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs.length, availableParallelism()) }, thread));
  progress.end();
  return results;
}

function runJob(worker: Worker, task: ToWorker, onShare: (share: number) => void): Promise<TrainedResult> {
  return new Promise((resolve, reject) => {
    const listen = (message: FromWorker): void => {
      if ('share' in message) {
        onShare(message.share);
        return;
      }
      worker.off('message', listen).off('error', reject);
      if ('result' in message) resolve(message.result);
      else reject(new Error(`${task.job.row}: ${message.error}`));
    };
    worker.on('message', listen).on('error', reject);
    worker.postMessage(task);
  });
}
