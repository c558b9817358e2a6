import type { Clock, Timer } from '../clock.js';
import { type HostCounters, type HostOptions, InferenceHost } from './host.js';
import type { LoadedModel, ModelSource } from './protocol.js';
import { NewestQueue, RoundRobin } from './queue.js';
import type { Outcome } from './tickets.js';
import { type SpawnWorker, threadWorker } from './worker-port.js';

/** One window that wants an answer. Either `done` or `dropped` is called, once. */
export interface Job {
  readonly handle: number;
  readonly cells: Uint32Array<ArrayBuffer>;
  done(outcome: Outcome<'infer'>): void;
  dropped(reason: DropReason): void;
}

/**
 * Why a window was not classified although it waited for it.
 *   newer    the queue was full, and newer windows are worth more
 *   stopped  the pipeline or the program stopped
 *   failed   its model is there no more
 */
export type DropReason = 'newer' | 'stopped' | 'failed';

/** A pipeline's place at the workers: its queue, and whether one of its windows is being computed. */
export interface Lane {
  readonly queue: NewestQueue<Job>;
  /** The window that is at a worker. */
  current: Promise<void> | undefined;
  /** Told when a model may have been lost. */
  readonly onChange: () => void;
}

export type LoadOutcome =
  | { readonly ok: true; readonly handle: number; readonly model: LoadedModel }
  | { readonly ok: false; readonly reason: string };

export interface ServiceOptions extends Omit<HostOptions, 'onChange' | 'spawn'> {
  readonly clock: Clock;
  /** Worker threads; each holds every model. Default 1. */
  readonly workers?: number;
  /** How a worker is made; a thread of its own when left out. */
  readonly spawn?: SpawnWorker;
}

/**
 * The workers of a program and the queues in front of them. Pipelines take turns; a pipeline has one window at the
 * workers at most, so its answers come in the order of its windows; when windows come faster than answers, the newest
 * are kept.
 */
export class InferenceService {
  private readonly hosts: readonly InferenceHost[];
  private readonly lanes = new RoundRobin<Lane>();
  private nextHandle = 1;
  private running = false;
  private onIdle: (() => void) | undefined;

  constructor(private readonly options: ServiceOptions) {
    const { workers = 1, spawn = threadWorker, ...rest } = options;
    this.hosts = Array.from(
      { length: workers },
      () => new InferenceHost({ ...rest, spawn, onChange: () => this.changed() }),
    );
  }

  start(): void {
    this.running = true;
    for (const host of this.hosts) host.start();
  }

  /** Takes no new windows, finishes the waiting ones within `graceMs`, drops the rest and ends the workers. */
  async stop(graceMs = 1000): Promise<void> {
    this.running = false;
    if (!this.isIdle) {
      await new Promise<void>((resolve) => {
        const timer: Timer = this.options.clock.setTimer(resolve, graceMs);
        this.onIdle = () => {
          this.options.clock.clearTimer(timer);
          resolve();
        };
      });
    }
    for (const lane of this.lanes.all) for (const job of lane.queue.clear()) job.dropped('stopped');
    await Promise.all(this.hosts.map((host) => host.stop()));
  }

  /** Counters of each worker. */
  get counters(): readonly HostCounters[] {
    return this.hosts.map((host) => host.counters);
  }

  /** Workers that are up; the others are about to be started again. */
  get workersUp(): number {
    return this.hosts.filter((host) => host.isUp).length;
  }

  /** Loads a model into every worker. Never rejects: a refusal is an answer, with its reason. */
  async load(source: ModelSource): Promise<LoadOutcome> {
    const handle = this.nextHandle++;
    const outcomes = await Promise.all(this.hosts.map((host) => host.load(handle, source)));
    const refused = outcomes.find((outcome) => !outcome.ok);
    const [first] = outcomes;
    if (refused === undefined && first?.ok) return { ok: true, handle, model: first.value };
    await this.unload(handle);
    return { ok: false, reason: refused?.ok === false ? refused.reason : 'there is no inference worker' };
  }

  async unload(handle: number): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.unload(handle)));
  }

  /** Why no worker can serve this model any more, nor will; undefined while one can. */
  failure(handle: number): string | undefined {
    const failures = this.hosts.map((host) => host.failure(handle));
    return failures.includes(undefined) ? undefined : failures[0];
  }

  /** A queue of at most `limit` windows. */
  open(limit: number, onChange: () => void): Lane {
    const lane: Lane = { queue: new NewestQueue(limit), current: undefined, onChange };
    this.lanes.add(lane);
    return lane;
  }

  /** Drops what waits in a lane, waits for the window that is at a worker, and forgets the lane. */
  async close(lane: Lane, reason: DropReason): Promise<void> {
    for (const job of lane.queue.clear()) job.dropped(reason);
    await lane.current;
    this.lanes.remove(lane);
    this.checkIdle();
  }

  submit(lane: Lane, job: Job): void {
    if (!this.running) {
      job.dropped('stopped');
      return;
    }
    lane.queue.push(job)?.dropped('newer');
    this.dispatch();
  }

  private get isIdle(): boolean {
    return this.lanes.all.every((lane) => lane.current === undefined && lane.queue.size === 0);
  }

  private changed(): void {
    for (const lane of [...this.lanes.all]) lane.onChange();
    this.dispatch();
    this.checkIdle();
  }

  private checkIdle(): void {
    if (this.isIdle) this.onIdle?.();
  }

  private dispatch(): void {
    for (const host of this.hosts) {
      const lane = this.lanes.next(({ current, queue }) => {
        const job = queue.first;
        return current === undefined && job !== undefined && host.isFreeFor(job.handle);
      });
      const job = lane?.queue.shift();
      if (lane !== undefined && job !== undefined) lane.current = this.run(host, lane, job);
    }
  }

  private async run(host: InferenceHost, lane: Lane, job: Job): Promise<void> {
    const outcome = await host.infer(job.handle, job.cells);
    lane.current = undefined;
    // The worker first: it computes the next window while this answer is dealt with.
    this.dispatch();
    job.done(outcome);
    this.checkIdle();
  }
}
