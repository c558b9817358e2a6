import { atMost } from '../at-most.js';
import type { Clock } from '../clock.js';
import type { Logger } from '../log/index.js';
import { decodePresence, type ServedModel } from './messages.js';
import { topicNameOf } from './remote-model.js';
import { Roster } from './roster.js';

export interface WorkersOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** A worker that takes longer for a window is warned of, in microseconds. */
  readonly slowUs: number;
  /** Models have found their first worker. */
  readonly onCame: (isNew: (sha256: string) => boolean) => void;
  /** A worker has gone, and with it what it had. */
  readonly onLeft: () => void;
}

/** The first worker of a model is waited for so long. */
const FIRST_WORKER_MS = 2000;

/** Somebody who waits for the first worker of a model. */
interface Wait {
  readonly sha256: string;
  readonly end: () => void;
}

/** The workers that there are, from what they say of themselves. */
export class Workers {
  readonly #roster = new Roster();
  readonly #waits = new Set<Wait>();

  constructor(private readonly options: WorkersOptions) {}

  get size(): number {
    return this.#roster.size;
  }

  serves(sha256: string): boolean {
    return this.#roster.find(sha256) !== undefined;
  }

  /** The model as this worker has it, or, without a name, as the first that has it. */
  find(sha256: string, worker?: string): ServedModel | undefined {
    return this.#roster.find(sha256, worker);
  }

  /** A worker says what it has; nothing, when it goes. Throws Error, in words, for what cannot be. */
  receive(worker: string, payload: Uint8Array): void {
    if (payload.length === 0) this.#left(worker);
    else this.#came(worker, decodePresence(payload));
  }

  /** The broker is away: nobody is known until they are heard of again. */
  forget(): void {
    this.#roster.clear();
  }

  /** Waits a moment for a worker that has this model. */
  async first(sha256: string): Promise<void> {
    if (this.serves(sha256)) return;
    let end = (): void => {};
    const came = new Promise<void>((resolve) => {
      end = resolve;
    });
    const wait: Wait = { sha256, end };
    this.#waits.add(wait);
    await atMost(this.options.clock, FIRST_WORKER_MS, came);
    this.#waits.delete(wait);
  }

  /** Nobody waits any more. */
  stop(): void {
    for (const { end } of this.#waits) end();
  }

  #came(worker: string, models: readonly ServedModel[]): void {
    const { log, slowUs, onCame } = this.options;
    const fresh = new Set(models.map(({ sha256 }) => sha256).filter((sha256) => !this.serves(sha256)));
    if (!this.#roster.set(worker, models)) {
      log.warn({ worker }, 'too many workers; this one is not listened to');
      return;
    }
    log.info({ worker, models: models.map(({ sha256 }) => topicNameOf(sha256)) }, 'a worker is there');
    for (const { sha256, median_us: medianUs } of models)
      if (medianUs > slowUs)
        log.warn(
          { worker, model: topicNameOf(sha256), medianUs },
          'a slow worker: windows will be sent twice while it is at work; raise scale.retryMs',
        );
    for (const { sha256, end } of this.#waits) if (this.serves(sha256)) end();
    onCame((sha256) => fresh.has(sha256));
  }

  #left(worker: string): void {
    if (!this.#roster.delete(worker)) return;
    this.options.log.warn({ worker }, 'a worker has gone');
    this.options.onLeft();
  }
}
