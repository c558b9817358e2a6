/** The thread of a store: see store-thread.ts. */
import { access, constants } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { errorCode, type Processes, systemProcesses } from '../durable/index.js';
import { Refusal } from './refusal.js';
import { readPublicKey } from './signature.js';
import { ModelStore } from './store.js';
import { storeFault } from './store-fault.js';
import { type StoreReply, type StoreRequest, type StoreSettings, storeCalls } from './store-port.js';

try {
  setPriority(10); // of this thread alone; touch goes before
} catch {
  // not everywhere allowed, and no matter
}

const { folder, keys, requireSignature, maxBytes } = workerData as StoreSettings;
/**
 * Of this process nobody but the thread changes the store, one thing at a time: a lock of ours is that of a thread
 * before, which ended in the midst of a change.
 */
const processes: Processes = {
  self: systemProcesses.self,
  isAlive: (owner) => owner !== systemProcesses.self && systemProcesses.isAlive(owner),
};
const store = new ModelStore(folder, {
  ...{ keys: keys.map(readPublicKey), requireSignature, maxBytes, processes },
});

async function answer({ ticket, call, args }: StoreRequest): Promise<StoreReply> {
  try {
    if (!storeCalls.includes(call)) throw new Error(`a store has no ${call}`);
    // A folder that is gone is no empty store.
    if (call !== 'open') await access(folder, constants.R_OK | constants.X_OK);
    const method = store[call].bind(store) as (...args: readonly unknown[]) => Promise<unknown>;
    return { ticket, value: await method(...args) };
  } catch (thrown) {
    const error = storeFault(folder, thrown);
    if (error instanceof Refusal) return { ticket, error: { code: error.code, what: error.what } };
    const code = errorCode(error);
    const what = error instanceof Error ? error.message : String(error);
    return { ticket, error: { ...(code === undefined ? {} : { code }), what } };
  }
}

/** One call after the other: a store takes one change at a time. */
let turn = Promise.resolve();

parentPort!.on('message', (request: StoreRequest) => {
  turn = turn.then(async () => parentPort!.postMessage(await answer(request)));
});
