/** Whether the folder of the model store is there and may be used, so that it is known before somebody needs it. */
import { access, constants } from 'node:fs/promises';
import { atMost, type TimerClock } from '../at-most.js';

/** A disk that takes longer is none to rely on. */
const PATIENCE_MS = 5000;

export interface StoreWatchOptions {
  readonly folder: string;
  /** Told when `fault` has become another. */
  readonly onChange: (fault: string | undefined) => void;
  readonly clock: TimerClock;
  /** Rejects when the folder cannot be read and written; asks the system when left out. */
  readonly check?: (folder: string) => Promise<void>;
}

const askSystem = (folder: string): Promise<void> =>
  access(folder, constants.R_OK | constants.W_OK | constants.X_OK);

export class StoreWatch {
  #fault: string | undefined;
  #isLooking = false;

  constructor(private readonly options: StoreWatchOptions) {}

  /** Why the store could not be used at the last look; undefined while it can. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** One look; nothing while the one before waits for the disk. Never rejects. */
  async look(): Promise<void> {
    if (this.#isLooking) return;
    const { folder, check = askSystem, clock } = this.options;
    this.#isLooking = true;
    const answer = check(folder).then(
      () => undefined,
      ({ message }: Error) => message,
    );
    if (!(await atMost(clock, PATIENCE_MS, answer))) this.#found('the disk does not answer');
    this.#found(await answer);
    this.#isLooking = false;
  }

  #found(why: string | undefined): void {
    const { folder, onChange } = this.options;
    const fault = why === undefined ? undefined : `the model store ${folder} cannot be used: ${why}`;
    if (fault === this.#fault) return;
    this.#fault = fault;
    onChange(fault);
  }
}
