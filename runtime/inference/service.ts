import { atMost } from '../at-most.js';
import type { Clock } from '../clock.js';
import { faultLog, type Logger, type TellFault } from '../log/index.js';
import { type HostCounters, type HostOptions, InferenceHost } from './host.js';
import { WorkerPool } from './pool.js';
import type { ModelSource } from './protocol.js';
import { NewestQueue, RoundRobin } from './queue.js';
import type { DropReason, Job, LoadOutcome, WindowJob, WindowLane, WindowService } from './window-service.js';
import { type SpawnWorker, threadWorker } from './worker-port.js';

/** A pipeline's place at the workers: its queues, and whether one of its windows is being computed. */
interface Lane extends WindowLane {
  /** Windows under way of which there is news; they come after the whole ones, the longest waiting first. */
  readonly updates: Set<Job>;
  /** The worker that serves it, so that what that one keeps for it stays in one place. */
  readonly home: InferenceHost;
  /** The job that is at a worker. */
  current: Promise<void> | undefined;
}

export interface ServiceOptions extends Omit<HostOptions, 'onChange' | 'onGivenUp' | 'spawn'> {
  readonly clock: Clock;
  /** Told of what goes wrong inside. Without it a fault in the dealing with an answer ends the program. */
  readonly log?: Logger;
  /** Worker threads; each holds every model. Default 1. */
  readonly workers?: number;
  /** How a worker is made; a thread of its own when left out. */
  readonly spawn?: SpawnWorker;
}

/**
 * The workers of a program and the queues in front of them. Each pipeline has a worker as its home and is served by
 * another only while that one is down; the pipelines of a worker take turns. A pipeline has one job at the workers at
 * most, so its answers come in the order of its windows; when windows come faster than answers, the newest are kept.
 */
export class InferenceService implements WindowService {
  /** A worker that is down is about to be started again, and a model that is lost is told by its pipeline. */
  readonly faults: readonly string[] = [];
  private readonly pool: WorkerPool;
  private readonly lanes = new Set<Lane>();
  /** Whose turn it is at each worker. */
  private readonly turns = new Map<InferenceHost, RoundRobin<Lane>>();
  private nextHandle = 1;
  private running = false;
  private onIdle: (() => void) | undefined;
  private readonly tellFault: TellFault = (error) => {
    throw error;
  };

  constructor(private readonly options: ServiceOptions) {
    const { workers = 1, spawn = threadWorker, log, ...rest } = options;
    if (log !== undefined) this.tellFault = faultLog(log, 'an answer was not dealt with');
    const onGivenUp = (path: string, reason: string): void =>
      log?.error({ model: path, reason }, 'a worker that was started again cannot bring a model back');
    this.pool = new WorkerPool({
      workers,
      create: () => new InferenceHost({ ...rest, spawn, onChange: () => this.changed(), onGivenUp }),
      onAdded: (host) => this.turns.set(host, new RoundRobin(this.lanes)),
      onRemoved: (host) => this.turns.delete(host),
    });
  }

  start(): void {
    this.running = true;
    this.pool.start();
  }

  /** Takes no new windows, finishes the waiting ones within `graceMs`, drops the rest and ends the workers. */
  async stop(graceMs = 1000): Promise<void> {
    this.running = false;
    if (!this.isIdle) {
      const idle = new Promise<void>((resolve) => {
        this.onIdle = resolve;
      });
      await atMost(this.options.clock, graceMs, idle);
    }
    for (const lane of this.lanes) for (const job of lane.queue.clear()) job.dropped('stopped');
    await this.pool.stop();
  }

  /** Counters of each worker, and of those that are no more. */
  get counters(): readonly HostCounters[] {
    return this.pool.counters;
  }

  /** Workers that are up; the others are about to be started again. */
  get workersUp(): number {
    return this.hosts.filter(({ isUp }) => isUp).length;
  }

  /** Loads a model into every worker. Never rejects: a refusal is an answer, with its reason. */
  async load(source: ModelSource): Promise<LoadOutcome> {
    return this.loadAt(this.hosts, source);
  }

  /**
   * Loads a model into a worker that serves nothing else, so that whatever it does while it is loaded disturbs nobody; the
   * worker is started when there is none. A handle that is loaded is served by that worker.
   * @param limitMs a model that takes longer is refused
   */
  async loadApart(source: ModelSource, limitMs: number): Promise<LoadOutcome> {
    return this.loadAt([this.pool.vacant()], source, limitMs);
  }

  private async loadAt(
    hosts: readonly InferenceHost[],
    source: ModelSource,
    limitMs?: number,
  ): Promise<LoadOutcome> {
    const handle = this.nextHandle++;
    const outcomes = await Promise.all(hosts.map((host) => host.load(handle, source, limitMs)));
    const refused = outcomes.find((outcome) => !outcome.ok);
    const [first] = outcomes;
    if (refused === undefined && first?.ok) return { ok: true, handle, model: first.value };
    await this.unload(handle);
    return { ok: false, reason: refused?.ok === false ? refused.reason : 'there is no inference worker' };
  }

  async unload(handle: number): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.unload(handle)));
    this.pool.tidy();
  }

  /** Why no worker can serve this model any more, nor will; undefined while one can. */
  failure(handle: number): string | undefined {
    const holders = this.hosts.filter((host) => host.knows(handle));
    const failures = holders.map((host) => host.failure(handle));
    return failures.includes(undefined) ? undefined : failures[0];
  }

  /** A queue of at most `limit` windows, at the worker that has the fewest. */
  open(limit: number, onChange: () => void): Lane {
    const queue = new NewestQueue<WindowJob>(limit);
    const lanesAt = (host: InferenceHost): number =>
      [...this.lanes].filter(({ home }) => home === host).length;
    const home = this.hosts.reduce((best, host) => (lanesAt(host) < lanesAt(best) ? host : best));
    const lane: Lane = { queue, updates: new Set(), home, current: undefined, onChange };
    this.lanes.add(lane);
    for (const turns of this.turns.values()) turns.add(lane);
    return lane;
  }

  /** Whether anything of a lane is at a worker, or waits for one. */
  isBusy({ current, queue, updates }: Lane): boolean {
    return current !== undefined || queue.size > 0 || updates.size > 0;
  }

  /** Drops what waits in a lane, waits for the window that is at a worker, and forgets the lane. */
  async close(lane: Lane, reason: DropReason): Promise<void> {
    for (const job of lane.queue.clear()) job.dropped(reason);
    lane.updates.clear();
    await lane.current;
    this.lanes.delete(lane);
    for (const turns of this.turns.values()) turns.remove(lane);
    this.checkIdle();
  }

  /** Drops the windows that wait for a model that is there no more. */
  abandon(lane: Lane, handle: number): void {
    for (const job of lane.queue.remove((one) => one.handle === handle)) job.dropped('failed');
    for (const job of lane.updates) if (job.handle === handle) lane.updates.delete(job);
    this.dispatch();
  }

  /** A window is whole. A full queue gives up its oldest window for it. */
  submit(lane: Lane, job: WindowJob): void {
    if (!this.running) {
      job.dropped('stopped');
      return;
    }
    if (!this.hosts.some((host) => host.knows(job.handle))) {
      job.dropped('failed');
      return;
    }
    lane.queue.push(job)?.dropped('newer');
    this.dispatch();
  }

  /** From now on so many windows may wait in a lane; the oldest beyond that are dropped. */
  resize(lane: Lane, limit: number): void {
    for (const job of lane.queue.resize(limit)) job.dropped('newer');
  }

  /** There is news of windows under way. A job that waits already keeps its place, and will have this news as well. */
  offer(lane: Lane, jobs: Iterable<Job>): void {
    for (const job of jobs) lane.updates.add(job);
    this.dispatch();
  }

  /** There is nothing to be asked for this job any more. */
  withdraw(lane: Lane, job: Job): void {
    lane.updates.delete(job);
  }

  private get hosts(): readonly InferenceHost[] {
    return this.pool.hosts;
  }

  private get isIdle(): boolean {
    return [...this.lanes].every((lane) => lane.current === undefined && lane.queue.size === 0);
  }

  private changed(): void {
    for (const lane of [...this.lanes]) lane.onChange();
    this.dispatch();
    this.checkIdle();
  }

  private checkIdle(): void {
    if (this.isIdle) this.onIdle?.();
  }

  private dispatch(): void {
    for (const [host, turns] of this.turns) {
      const lane = turns.next((candidate) => {
        const job = candidate.current === undefined ? this.nextOf(candidate) : undefined;
        return job !== undefined && host.isFreeFor(job.handle) && this.serverOf(candidate, job) === host;
      });
      const job = lane === undefined ? undefined : this.nextOf(lane);
      if (lane === undefined || job === undefined) continue;
      if (lane.queue.size > 0) lane.queue.shift();
      else lane.updates.delete(job);
      lane.current = this.run(host, lane, job);
    }
  }

  private nextOf(lane: Lane): Job | undefined {
    if (lane.queue.first !== undefined || !this.running) return lane.queue.first;
    for (const first of lane.updates) return first;
    return undefined;
  }

  /** Its home, or while that is down, any that can. */
  private serverOf({ home }: Lane, { handle }: Job): InferenceHost | undefined {
    return home.serves(handle) ? home : this.hosts.find((host) => host.serves(handle));
  }

  private async run(host: InferenceHost, lane: Lane, job: Job): Promise<void> {
    const deal = await job.run(host).catch((error: unknown) => () => {
      throw error;
    });
    lane.current = undefined;
    // The worker first: it computes the next window while this answer is dealt with.
    this.dispatch();
    try {
      deal();
    } catch (error) {
      this.tellFault(error, { handle: job.handle });
    }
    this.checkIdle();
  }
}
