/** Changes of a store: one at a time, each on a store without leftovers of the one before. */
import { join } from 'node:path';
import {
  dropLock,
  ensureFolder,
  type FileSystem,
  type Processes,
  removeAll,
  takeLock,
} from '../durable/index.js';
import { Refusal } from './refusal.js';
import { storeFault } from './store-fault.js';
import type { Versions } from './versions.js';

export class Changes {
  readonly #files: FileSystem;
  readonly #root: string;
  readonly #versions: Versions;
  readonly #processes: Processes;

  /** @param root absolute path of the store's folder */
  constructor(files: FileSystem, root: string, versions: Versions, processes: Processes) {
    this.#files = files;
    this.#root = root;
    this.#versions = versions;
    this.#processes = processes;
  }

  /**
   * Runs a change while nobody else runs one, in this process or another. Throws a `busy`, `no_space` or
   * `store_unusable` refusal.
   */
  async alone<T>(change: () => Promise<T>): Promise<T> {
    try {
      return await this.#locked(change);
    } catch (error) {
      throw storeFault(this.#root, error);
    }
  }

  async #locked<T>(change: () => Promise<T>): Promise<T> {
    const lock = join(this.#root, '.lock');
    if (!(await takeLock(this.#files, lock, this.#processes)))
      throw new Refusal('busy', `somebody else is changing ${this.#root}`);
    try {
      await this.#settle();
      return await change();
    } finally {
      await dropLock(this.#files, lock);
    }
  }

  /**
   * Ends what an interrupted change has begun: removes what it staged, takes write permission away again, and makes
   * durable what it made visible, since the next change builds on it.
   */
  async #settle(): Promise<void> {
    const [models, staging] = [join(this.#root, 'models'), join(this.#root, '.staging')];
    for (const folder of [models, staging]) await ensureFolder(this.#files, folder);
    for (const name of await this.#files.list(staging)) await removeAll(this.#files, join(staging, name));
    for (const { folder, fault } of await this.#versions.list())
      if (fault === undefined) await this.#versions.protect(folder);
    for (const id of await this.#versions.ids()) await this.#files.syncFolder(this.#versions.folder(id));
    for (const folder of [models, this.#root]) await this.#files.syncFolder(folder);
  }
}
