import type { HostCounters, InferenceHost } from './host.js';

export interface PoolOptions {
  /** Workers that there always are. */
  readonly workers: number;
  readonly create: () => InferenceHost;
  readonly onAdded: (host: InferenceHost) => void;
  readonly onRemoved: (host: InferenceHost) => void;
}

/**
 * The workers of a service: as many as configured, and more while a model is loaded, tried or kept apart from the others.
 */
export class WorkerPool {
  readonly hosts: InferenceHost[] = [];
  /** Counts of workers that have been ended. */
  private gone: HostCounters | undefined;
  private running = false;

  constructor(private readonly options: PoolOptions) {
    for (let i = 0; i < options.workers; i++) this.add();
  }

  start(): void {
    this.running = true;
    for (const host of this.hosts) host.start();
  }

  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.hosts.map((host) => host.stop()));
  }

  /** Of each worker, and of those that have been ended together. */
  get counters(): readonly HostCounters[] {
    const counters = this.hosts.map((host) => host.counters);
    return this.gone === undefined ? counters : [...counters, this.gone];
  }

  /** A worker that serves nothing; started when there is none. */
  vacant(): InferenceHost {
    return this.hosts.find((host) => host.isUp && host.isVacant) ?? this.add();
  }

  /**
   * Ends vacant workers beyond the configured ones, which gives back all that their models have left behind. Call it when
   * one may have become vacant.
   */
  tidy(): void {
    const vacant = this.hosts.filter(({ isVacant }) => isVacant);
    const surplus = Math.max(0, this.hosts.length - this.options.workers);
    if (this.running) for (const host of vacant.slice(0, surplus)) this.remove(host);
  }

  private add(): InferenceHost {
    const host = this.options.create();
    this.hosts.push(host);
    this.options.onAdded(host);
    if (this.running) host.start();
    return host;
  }

  private remove(host: InferenceHost): void {
    this.hosts.splice(this.hosts.indexOf(host), 1);
    this.options.onRemoved(host);
    this.gone ??= { answered: 0, steps: 0, failed: 0, lost: 0, crashes: 0 };
    for (const key of Object.keys(this.gone) as (keyof HostCounters)[]) this.gone[key] += host.counters[key];
    void host.stop();
  }
}
