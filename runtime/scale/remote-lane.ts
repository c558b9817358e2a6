import {
  type DropReason,
  type FreeWorker,
  NewestQueue,
  type WindowJob,
  type WindowLane,
} from '../inference/index.js';
import { InOrder } from './in-order.js';
import type { ServedModel } from './messages.js';
import type { WindowEnd } from './windows-out.js';

export interface RemoteLaneOptions {
  /** Windows that may wait. */
  readonly limit: number;
  /** Windows that may be with workers at a time. */
  readonly inFlight: number;
  /** Of recordings: they wait for a worker. Live windows go and grow old, with or without one. */
  readonly waits: boolean;
  readonly onChange: () => void;
  readonly isServed: (handle: number) => boolean;
  readonly infer: (handle: number, cells: Uint32Array) => Promise<WindowEnd>;
  /** The model as the worker has it whose answer is dealt with next. */
  readonly onServed: (handle: number, served: ServedModel) => void;
  /** A window has met its end. */
  readonly onSettled: () => void;
  /** What asked or was told of an answer has failed inside. */
  readonly onFault: (error: unknown) => void;
}

/** A pipeline's place: what waits, what is with workers, and the answers in the order of the windows. */
export class RemoteLane implements WindowLane {
  readonly queue: NewestQueue<WindowJob>;
  readonly onChange: () => void;
  readonly #order = new InOrder();

  constructor(private readonly options: RemoteLaneOptions) {
    this.queue = new NewestQueue(options.limit);
    this.onChange = options.onChange;
  }

  get isIdle(): boolean {
    return this.#order.size === 0 && this.queue.size === 0;
  }

  submit(job: WindowJob): void {
    this.queue.push(job)?.dropped('newer');
    this.pump();
  }

  /** Lets go what waits, as far as there is room. */
  pump(): void {
    const { inFlight, waits, isServed } = this.options;
    for (let job = this.queue.first; job !== undefined; job = this.queue.first) {
      if (this.#order.size >= inFlight || (waits && !isServed(job.handle))) return;
      this.queue.shift();
      this.#run(job);
    }
  }

  drop(reason: DropReason): void {
    for (const job of this.queue.clear()) job.dropped(reason);
  }

  /** Drops what waits for a model that is there no more. */
  abandon(handle: number): void {
    for (const job of this.queue.remove((one) => one.handle === handle)) job.dropped('failed');
  }

  /** Resolves when nothing is with a worker. */
  drained(): Promise<void> {
    return this.#order.drained();
  }

  #run(job: WindowJob): void {
    const { infer, onServed, onSettled, onFault } = this.options;
    let served: ServedModel | undefined;
    const worker: FreeWorker = {
      infer: async (handle, cells) => {
        const end = await infer(handle, cells);
        served = end.served;
        return end;
      },
      step: async () => ({ ok: false, lost: false, reason: 'workers elsewhere take whole windows only' }),
      session: undefined,
    };
    const done = this.#order.begin();
    const run = job.run(worker).catch((error: unknown) => () => {
      throw error;
    });
    void run.then((deal) => {
      done(() => {
        try {
          if (served !== undefined) onServed(job.handle, served);
          deal();
        } catch (error) {
          onFault(error);
        }
      });
      this.pump();
      onSettled();
    });
  }
}
