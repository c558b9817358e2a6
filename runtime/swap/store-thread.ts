import { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '../clock.js';
import { Refusal, type RefusalCode, refusals } from './refusal.js';
import type { StoreCall, StorePort, StoreReply, StoreRequest, StoreSettings } from './store-port.js';

/** A thread that has had nothing to do for so long is ended, and its memory given back. */
const IDLE_MS = 5000;

const stopped = 'the runtime stops';

/** The thread, as the store's end of it is used. */
export type StoreWorker = Pick<Worker, 'on' | 'postMessage' | 'terminate'>;
export type SpawnStore = (settings: StoreSettings) => StoreWorker;

const spawnStore: SpawnStore = (settings) =>
  new Worker(new URL('./store-worker.js', import.meta.url), {
    ...{ name: 'whorl-store', execArgv: [], workerData: settings },
  });

interface Open {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A store in a thread of its own, so that reading, hashing and testing models holds up nothing else. The thread is there
 * only while it is needed.
 */
export class StoreThread implements StorePort {
  readonly #open = new Map<number, Open>();
  #next = 1;
  #closed = false;
  #worker: StoreWorker | undefined;
  #timer: Timer | undefined;

  /** @param spawn makes the thread; store-worker.ts when left out */
  constructor(
    private readonly settings: StoreSettings,
    private readonly clock: Clock,
    private readonly spawn: SpawnStore = spawnStore,
  ) {}

  readonly open = this.#method('open');
  readonly add = this.#method('add');
  readonly verify = this.#method('verify');
  readonly remove = this.#method('remove');
  readonly select = this.#method('select');
  readonly list = this.#method('list');
  readonly selections = this.#method('selections');
  readonly serving = this.#method('serving');

  /** Ends the thread for good; what it was doing, and what is asked of it later, is refused. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#rest();
  }

  #method<C extends StoreCall>(call: C): StorePort[C] {
    return ((...args: readonly unknown[]) => this.#ask(call, args)) as StorePort[C];
  }

  async #rest(): Promise<void> {
    this.clock.clearTimer(this.#timer);
    const worker = this.#worker;
    this.#end(stopped);
    await worker?.terminate();
  }

  #ask(call: StoreCall, args: readonly unknown[]): Promise<unknown> {
    if (this.#closed) return Promise.reject(new Error(stopped));
    this.clock.clearTimer(this.#timer);
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const ticket = this.#next++;
    return new Promise((resolve, reject) => {
      this.#open.set(ticket, { resolve, reject });
      worker.postMessage({ ticket, call, args } satisfies StoreRequest);
    });
  }

  #start(): StoreWorker {
    const worker = this.spawn(this.settings);
    worker.on('message', (reply: StoreReply) => this.#settle(reply));
    worker.on('error', (error) => this.#lost(worker, error.message));
    worker.on('exit', (code) => this.#lost(worker, `exit code ${code}`));
    return worker;
  }

  #settle(reply: StoreReply): void {
    const open = this.#open.get(reply.ticket);
    if (open === undefined) return; // it was given up; the thread that answers it is being ended
    this.#open.delete(reply.ticket);
    if ('error' in reply) open.reject(asError(reply.error));
    else open.resolve(reply.value);
    if (this.#open.size === 0) this.#timer = this.clock.setTimer(() => void this.#rest(), IDLE_MS);
  }

  #lost(worker: StoreWorker, reason: string): void {
    if (this.#worker === worker) this.#end(`the thread of the model store ended: ${reason}`);
  }

  #end(reason: string): void {
    this.#worker = undefined;
    for (const { reject } of this.#open.values()) reject(new Error(reason));
    this.#open.clear();
  }
}

function asError({ code, what }: { readonly code?: string; readonly what: string }): Error {
  if (code !== undefined && code in refusals) return new Refusal(code as RefusalCode, what);
  return Object.assign(new Error(what), code === undefined ? {} : { code });
}
