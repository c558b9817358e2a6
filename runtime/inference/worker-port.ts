import { Worker } from 'node:worker_threads';
import type { InferenceCore } from './core.js';
import type { Reply, Request } from './protocol.js';
import { serve } from './serve.js';

/** The host's end of a worker. */
export interface WorkerPort {
  /** Sends a request; the buffers in `transfer` move to the worker. */
  post(request: Request, transfer: readonly ArrayBuffer[]): void;
  /** Ends the worker, at once; `onExit` is not called for it. */
  terminate(): Promise<void>;
}

export interface WorkerEvents {
  onReply(reply: Reply): void;
  /** The worker ended by itself; called once. */
  onExit(reason: string): void;
}

export type SpawnWorker = (events: WorkerEvents) => WorkerPort;

/**
 * A worker makes little garbage: small arrays, collected quickly. Room for the young as V8 gives it by default is never
 * needed and costs 13 MB.
 */
const resourceLimits = { maxYoungGenerationSizeMb: 2 };

/** A worker in a thread of its own; `file` is its program. */
export function threadWorkerOf(file: URL): SpawnWorker {
  return (events) => startThread(file, events);
}

/** The inference worker in a thread of its own. */
export const threadWorker = threadWorkerOf(new URL('./worker.js', import.meta.url));

function startThread(file: URL, { onReply, onExit }: WorkerEvents): WorkerPort {
  const worker = new Worker(file, { name: 'whorl-inference', execArgv: [], resourceLimits });
  let ended = false;
  const end = (reason: string): void => {
    if (!ended) onExit(reason);
    ended = true;
  };
  worker.on('message', (reply: Reply) => {
    if (!ended) onReply(reply);
  });
  worker.on('messageerror', (error) => end(`unreadable message: ${error.message}`));
  worker.on('error', (error) => end(error.message));
  worker.on('exit', (code) => end(`exit code ${code}`));
  return {
    post: (request, transfer) => worker.postMessage(request, [...transfer]),
    terminate: async () => {
      ended = true;
      await worker.terminate();
    },
  };
}

/** A worker in this thread: for tests and for programs that need no second one. */
export function localWorker(core: InferenceCore): SpawnWorker {
  return ({ onReply }) => {
    let ended = false;
    return {
      post: (request) => {
        void serve(core, request).then((reply) => {
          if (!ended) onReply(reply);
        });
      },
      terminate: async () => {
        ended = true;
      },
    };
  };
}
