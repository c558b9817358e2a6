import type { Clock, Timer } from '../clock.js';
import type { ModelSource, RequestKind, Requests, Step } from './protocol.js';
import { type Outcome, Tickets } from './tickets.js';
import type { SpawnWorker, WorkerPort } from './worker-port.js';

export interface HostOptions {
  readonly clock: Clock;
  readonly spawn: SpawnWorker;
  /** Pauses before a worker that ended is started again: the first, and the longest; each is twice the one before. */
  readonly backoffMs?: { readonly min: number; readonly max: number };
  /** A worker that takes longer is ended and started again. */
  readonly limitsMs?: Readonly<Record<RequestKind, number>>;
  /** Called when a model of a worker that was started again is loaded, or given up. */
  readonly onChange: () => void;
  /** Told when a worker that was started again cannot bring a model back: the file of the model, and why. */
  readonly onGivenUp?: (path: string, reason: string) => void;
}

/** What happened to one worker. */
export interface HostCounters {
  /** Windows that were answered. */
  answered: number;
  /** Answers before the end of a window. */
  steps: number;
  /** Windows that the worker refused or failed on. */
  failed: number;
  /** Windows that were with a worker when it ended. */
  lost: number;
  /** Times that the worker ended without being told to. */
  crashes: number;
}

/** Workers that end while they load the same model again; then the model is the cause and given up. */
const MOST_ATTEMPTS = 3;

/** A model as the host keeps it, to load it again after a crash. */
interface Entry {
  readonly source: ModelSource;
  state: 'loaded' | 'reloading' | 'failed';
  /** Workers that have ended while loading it. */
  attempts: number;
  /** Why it failed. */
  reason: string;
}

/**
 * Keeps one worker: starts it, asks it, and when it ends without being told to, starts it again with its models. At
 * most one window is with the worker at any time, so that the queue in front of it decides which is next.
 */
export class InferenceHost {
  readonly counters: HostCounters = { answered: 0, steps: 0, failed: 0, lost: 0, crashes: 0 };
  private readonly tickets: Tickets;
  private readonly models = new Map<number, Entry>();
  private worker: WorkerPort | undefined;
  private restart: Timer | undefined;
  private pauseMs: number;
  private busy = false;
  /** Models that are being loaded for the first time. */
  private loading = 0;
  private running = false;

  constructor(private readonly options: HostOptions) {
    const limitsMs = options.limitsMs ?? { load: 120_000, unload: 10_000, infer: 10_000, step: 10_000 };
    this.tickets = new Tickets(options.clock, limitsMs, (reason) => this.abandon(reason));
    this.pauseMs = this.backoff.min;
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.spawn();
  }

  /** Ends the worker; what it was doing is lost. */
  async stop(): Promise<void> {
    this.running = false;
    this.options.clock.clearTimer(this.restart);
    const { worker } = this;
    this.worker = undefined;
    this.tickets.loseAll('the runtime stops');
    await worker?.terminate();
  }

  /**
   * Loads, verifies and warms up a model. A refusal is an answer, with its reason; the host goes on.
   * @param limitMs a worker that takes longer is ended and started again
   */
  async load(handle: number, source: ModelSource, limitMs?: number): Promise<Outcome<'load'>> {
    this.loading++;
    const outcome = await this.ask('load', { handle, source }, [], limitMs);
    this.loading--;
    if (outcome.ok) this.models.set(handle, { source, state: 'loaded', attempts: 0, reason: '' });
    return outcome;
  }

  /** Frees a handle. */
  async unload(handle: number): Promise<void> {
    if (this.models.delete(handle) && this.worker !== undefined) await this.ask('unload', { handle });
  }

  /** Whether it has nothing to serve and nothing to load. */
  get isVacant(): boolean {
    return this.loading === 0 && this.models.size === 0;
  }

  get isUp(): boolean {
    return this.worker !== undefined;
  }

  /** The worker of now: another one after each restart. What a worker was told is known to that one alone. */
  get session(): object | undefined {
    return this.worker;
  }

  /** Whether this handle was loaded here and has not been freed. */
  knows(handle: number): boolean {
    return this.models.has(handle);
  }

  /** Whether windows for this handle can be taken, now or when the one before is answered. */
  serves(handle: number): boolean {
    return this.worker !== undefined && this.models.get(handle)?.state === 'loaded';
  }

  /** Whether a window for this handle would be taken now. */
  isFreeFor(handle: number): boolean {
    return !this.busy && this.serves(handle);
  }

  /** Why a model that was loaded is there no more and will not come back; undefined while all is well. */
  failure(handle: number): string | undefined {
    const entry = this.models.get(handle);
    return entry?.state === 'failed' ? entry.reason : undefined;
  }

  /** Classifies a window; only when `isFreeFor(handle)`. The cells move to the worker. */
  infer(handle: number, cells: Uint32Array<ArrayBuffer>): Promise<Outcome<'infer'>> {
    return this.askAlone('infer', { handle, cells }, [cells.buffer], true);
  }

  /** Takes the next bins of a window; only when `isFreeFor(step.handle)`. `last`: it is then whole. */
  step(step: Step & { readonly cells: Uint32Array<ArrayBuffer> }, last: boolean): Promise<Outcome<'step'>> {
    return this.askAlone('step', step, [step.cells.buffer], last);
  }

  /** Asks for a window, or for a part of one, which the counters of windows do not count. */
  private async askAlone<K extends 'infer' | 'step'>(
    kind: K,
    body: Requests[K],
    transfer: readonly ArrayBuffer[],
    isWindow: boolean,
  ): Promise<Outcome<K>> {
    this.busy = true;
    const outcome = await this.ask(kind, body, transfer);
    this.busy = false;
    if (outcome.ok) this.pauseMs = this.backoff.min;
    if (isWindow) this.counters[outcome.ok ? 'answered' : outcome.lost ? 'lost' : 'failed']++;
    else if (outcome.ok) this.counters.steps++;
    return outcome;
  }

  private get backoff(): { readonly min: number; readonly max: number } {
    return this.options.backoffMs ?? { min: 100, max: 10_000 };
  }

  private async ask<K extends RequestKind>(
    kind: K,
    body: Requests[K],
    transfer: readonly ArrayBuffer[] = [],
    limitMs?: number,
  ): Promise<Outcome<K>> {
    const { worker } = this;
    if (worker === undefined) return { ok: false, lost: true, reason: 'the inference worker is not running' };
    const { request, outcome } = this.tickets.issue(kind, body, limitMs);
    worker.post(request, transfer);
    return outcome;
  }

  private spawn(): void {
    const worker: WorkerPort = this.options.spawn({
      onReply: (reply) => {
        if (this.worker === worker) this.tickets.settle(reply);
      },
      onExit: (reason) => {
        if (this.worker === worker) this.crashed(reason);
      },
    });
    this.worker = worker;
    void this.reload(worker);
  }

  /** Loads the models of the worker before into a new one, one after the other. */
  private async reload(worker: WorkerPort): Promise<void> {
    for (const [handle, entry] of [...this.models]) {
      if (entry.state !== 'reloading' || !this.models.has(handle)) continue;
      const outcome = await this.ask('load', { handle, source: entry.source });
      if (!this.running) return;
      if (outcome.ok) {
        entry.state = 'loaded';
        entry.attempts = 0;
      } else if (!outcome.lost || ++entry.attempts >= MOST_ATTEMPTS) {
        entry.state = 'failed';
        entry.reason = outcome.reason;
        this.options.onGivenUp?.(entry.source.path, outcome.reason);
      }
      this.options.onChange();
      if (this.worker !== worker) return;
    }
  }

  private crashed(reason: string): void {
    this.worker = undefined;
    this.counters.crashes++;
    for (const entry of this.models.values()) if (entry.state === 'loaded') entry.state = 'reloading';
    this.tickets.loseAll(`the inference worker ended: ${reason}`);
    if (!this.running) return;
    this.restart = this.options.clock.setTimer(() => this.spawn(), this.pauseMs);
    this.pauseMs = Math.min(this.pauseMs * 2, this.backoff.max);
  }

  private abandon(reason: string): void {
    const { worker } = this;
    if (worker === undefined) return;
    this.crashed(reason);
    void worker.terminate();
  }
}
