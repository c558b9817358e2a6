import type { InferenceHost } from './host.js';
import type { LoadedModel, ModelSource } from './protocol.js';
import type { NewestQueue } from './queue.js';

/** A worker that is free, as a job sees it. */
export type FreeWorker = Pick<InferenceHost, 'infer' | 'step' | 'session'>;

/** Something to ask a worker. */
export interface Job {
  readonly handle: number;
  /**
   * Asks; what, is made up now, so that it is the latest. Resolves as soon as the answer is there and the next job of the
   * lane can be made up, to what is left to do with the answer while the worker goes on.
   */
  run(worker: FreeWorker): Promise<() => void>;
}

/** One window that wants an answer. Either `run` or `dropped` is called, once. */
export interface WindowJob extends Job {
  dropped(reason: DropReason): void;
}

/**
 * Why a window was not classified although it waited for it.
 *   newer    the queue was full, and newer windows are worth more
 *   stopped  the pipeline or the program stopped
 *   failed   its model is there no more
 */
export type DropReason = 'newer' | 'stopped' | 'failed';

/** A pipeline's place at a service. */
export interface WindowLane {
  /** Windows that are whole. */
  readonly queue: NewestQueue<WindowJob>;
  /** Told when a model may have been lost. */
  readonly onChange: () => void;
}

export type LoadOutcome =
  | { readonly ok: true; readonly handle: number; readonly model: LoadedModel }
  | { readonly ok: false; readonly reason: string };

/**
 * What answers windows: the workers of this program (`InferenceService`), or those of others (`../scale`). A lane goes
 * back to the service that opened it.
 */
export interface WindowService {
  start(): void;
  /** Takes no new windows, finishes the waiting ones within `graceMs`, drops the rest and ends. */
  stop(graceMs?: number): Promise<void>;
  /** What is wrong with it as a whole while its pipelines run, one line each. */
  readonly faults: readonly string[];
  /** Workers that are up. */
  readonly workersUp: number;
  /** Counters of each worker, or of all together. */
  readonly counters: readonly object[];
  /** Makes a model ready to serve. Never rejects: a refusal is an answer, with its reason. */
  load(source: ModelSource): Promise<LoadOutcome>;
  /**
   * The same beside what serves now, which it must not disturb.
   * @param limitMs a model that takes longer is refused
   */
  loadApart(source: ModelSource, limitMs: number): Promise<LoadOutcome>;
  unload(handle: number): Promise<void>;
  /** Why no worker can serve this model any more, nor will; undefined while one can. */
  failure(handle: number): string | undefined;
  /**
   * A queue of at most `limit` windows.
   * @param waits its sensors are recordings, which wait for every answer
   */
  open(limit: number, onChange: () => void, waits?: boolean): WindowLane;
  /** Whether anything of a lane is at a worker, or waits for one. */
  isBusy(lane: WindowLane): boolean;
  /** From now on so many windows may wait in a lane; the oldest beyond that are dropped. */
  resize(lane: WindowLane, limit: number): void;
  /** Drops what waits in a lane, waits for what is at a worker, and forgets the lane. */
  close(lane: WindowLane, reason: DropReason): Promise<void>;
  /** Drops the windows that wait for a model that is there no more. */
  abandon(lane: WindowLane, handle: number): void;
  /** A window is whole. A full queue gives up its oldest window for it. */
  submit(lane: WindowLane, job: WindowJob): void;
  /** There is news of windows under way. A job that waits already keeps its place, and will have this news as well. */
  offer(lane: WindowLane, jobs: Iterable<Job>): void;
  /** There is nothing to be asked for this job any more. */
  withdraw(lane: WindowLane, job: Job): void;
}
