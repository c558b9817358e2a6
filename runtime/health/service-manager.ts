/** What systemd is told (sd_notify): that the service is ready, how it is, that it is alive, that it reloads or stops. */
import { execFile } from 'node:child_process';
import type { Clock, Timer } from '../clock.js';
import type { Logger } from '../log/index.js';

/** Hands `KEY=value` assignments to the service manager; rejects when it cannot. */
export type Notify = (assignments: readonly string[]) => Promise<void>;

export interface ServiceManagerOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Its monotonic clock must be the CLOCK_MONOTONIC that systemd knows, as that of `systemClock` is. */
  readonly clock: Clock;
  readonly log: Logger;
  /** This process; a watchdog may be meant for another. */
  readonly pid?: number;
  /** `systemd-notify` when left out. */
  readonly notify?: Notify;
}

/**
 * Talks to the service manager that has set NOTIFY_SOCKET; without one it does nothing. That socket is an AF_UNIX datagram
 * socket, for which Node has no API, so each message is a run of `systemd-notify`, one at a time, and what comes meanwhile
 * goes with the next. The unit must have `NotifyAccess=all`, because it is not the main process that speaks.
 */
export class ServiceManager {
  readonly #notify: Notify;
  readonly #isThere: boolean;
  /** Newest value of each key that is to be told. */
  #pending = new Map<string, string>();
  #telling: Promise<void> | undefined;
  #watchdog: Timer | undefined;
  #gaveUp = false;
  #isReady = false;
  #stopping = false;
  #reload: Promise<void> = Promise.resolve();

  constructor(private readonly options: ServiceManagerOptions) {
    const { env, notify = systemdNotify(env) } = options;
    this.#notify = notify;
    this.#isThere = Boolean(env['NOTIFY_SOCKET']);
  }

  /** The service works, unless it stops already. From now on the watchdog, if the unit has one, is fed as long as `isAlive` says so. */
  ready(isAlive: () => boolean): void {
    if (this.#stopping) return;
    this.#isReady = true;
    this.#tell({ READY: '1' });
    const everyMs = this.#watchdogMs;
    if (everyMs !== undefined) this.#feed(isAlive, everyMs);
  }

  /**
   * The service reads its configuration again while `work` runs; one at a time. Resolves when that has been told. `RELOADING` and
   * `READY` are messages of their own: in one they would leave the unit reloading for ever.
   */
  reloading(work: () => Promise<void>): Promise<void> {
    this.#reload = this.#reload.then(async () => {
      const tells = this.#isReady && !this.#stopping;
      await this.#telling;
      if (tells) this.#tell({ RELOADING: '1', MONOTONIC_USEC: String(this.options.clock.monoUs()) });
      await this.#telling;
      await work();
      if (tells && !this.#stopping) this.#tell({ READY: '1' });
      await this.#telling;
    });
    return this.#reload;
  }

  /** One line for `systemctl status`. */
  status(text: string): void {
    const line = [...text].map((char) => (char < ' ' ? ' ' : char)).join('');
    this.#tell({ STATUS: line.slice(0, 500) });
  }

  /** The service stops. Resolves when that has been told. */
  async stopping(): Promise<void> {
    this.#stopping = true;
    this.options.clock.clearTimer(this.#watchdog);
    this.#watchdog = undefined;
    this.#tell({ STOPPING: '1' });
    await this.#telling;
  }

  /** Half of what the unit allows; undefined: it has no watchdog, or not for this process. */
  get #watchdogMs(): number | undefined {
    const { env, pid = process.pid } = this.options;
    const limitUs = Number(env['WATCHDOG_USEC']);
    const isForUs = env['WATCHDOG_PID'] === undefined || Number(env['WATCHDOG_PID']) === pid;
    return this.#isThere && isForUs && limitUs > 0 ? limitUs / 2000 : undefined;
  }

  #feed(isAlive: () => boolean, everyMs: number): void {
    if (isAlive()) this.#tell({ WATCHDOG: '1' });
    this.#watchdog = this.options.clock.setTimer(() => this.#feed(isAlive, everyMs), everyMs);
  }

  #tell(values: Readonly<Record<string, string>>): void {
    if (!this.#isThere || this.#gaveUp) return;
    for (const [key, value] of Object.entries(values)) this.#pending.set(key, value);
    this.#telling ??= this.#tellAll();
  }

  async #tellAll(): Promise<void> {
    while (this.#pending.size > 0) {
      const assignments = [...this.#pending].map(([key, value]) => `${key}=${value}`);
      this.#pending = new Map();
      try {
        await this.#notify(assignments);
      } catch (error) {
        this.#fault(error as Error & { code?: unknown });
      }
    }
    this.#telling = undefined;
  }

  #fault(err: Error & { code?: unknown }): void {
    const { log } = this.options;
    if (err.code !== 'ENOENT') {
      log.warn({ err }, 'systemd could not be told');
      return;
    }
    this.#gaveUp = true;
    this.#pending.clear();
    log.warn(
      {},
      'systemd-notify is not installed, so systemd hears nothing of this process: set Type=exec and no WatchdogSec',
    );
  }
}

/** Runs `systemd-notify` from the PATH, for 5 s at most. */
function systemdNotify(env: ServiceManagerOptions['env']): Notify {
  const { NOTIFY_SOCKET, PATH } = env;
  return (assignments) =>
    new Promise((resolve, reject) => {
      const options = { env: { NOTIFY_SOCKET, PATH }, timeout: 5000 };
      execFile('systemd-notify', [...assignments], options, (error) =>
        error === null ? resolve() : reject(error),
      );
    });
}
