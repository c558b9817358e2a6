/** Ways of model files into the store of a running edge. None of them changes what serves. */
import { basename, join } from 'node:path';
import type { Clock } from '../../clock.js';
import type { ModelsConfig } from '../../config/index.js';
import { isId } from '../../id.js';
import { CommandError } from '../../publish/index.js';
import { Refusal, type StorePort, storeFault, versionName } from '../../swap/index.js';
import { Downloads } from './download.js';
import { Incoming } from './incoming.js';
import { type Piece, Uploads } from './upload.js';

/** A version that is in the store now. */
export interface Staged {
  readonly model: string;
  readonly sha256: string;
  /** False: it was there before. */
  readonly is_new: boolean;
}

export interface StagingOptions {
  readonly store: StorePort;
  readonly models: ModelsConfig & { readonly store: string };
  readonly httpsCa: string | undefined;
  readonly clock: Clock;
  /**
   * Told of each file that appeared in the watched folder: staged, or refused with the reason. One that is refused for
   * something that passes is tried again, and told when it has lasted (`passingTries`), once.
   */
  readonly onIncoming: (file: string, outcome: Staged | Error) => void;
  readonly onFault: (reason: string) => void;
}

/** Refusals that are over sooner or later, whatever file it is, and that cost little to try. */
const passing = ['busy', 'store_unusable'];
/** Looks at a file in the watched folder before something that passes is told. */
export const passingTries = 5;

export class Staging {
  readonly #downloads: Downloads;
  readonly #uploads: Uploads;
  readonly #incoming: Incoming | undefined;
  #stopped = false;

  constructor(private readonly options: StagingOptions) {
    const { models, clock, onFault, httpsCa: ca } = options;
    const maxBytes = Math.floor(models.maxMb * 1e6);
    const below = (name: string): string => join(models.store, name);
    this.#uploads = new Uploads({ folder: below('.upload'), maxBytes, clock });
    this.#downloads = new Downloads({
      ...{ folder: below('.download'), maxBytes, hosts: models.httpsHosts, ca },
    });
    if (models.incoming === undefined) return;
    this.#incoming = new Incoming({
      ...{ folder: models.incoming, clock, onFault },
      onFile: (path, before) => this.#appeared(path, before),
    });
  }

  /** Begins to watch. */
  start(): void {
    this.#incoming?.start();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#incoming?.stop();
    await Promise.all([this.#uploads.stop(), this.#downloads.stop()]);
  }

  /** A file in the watched folder, by its name. */
  async file(name: string, sha256: string | undefined): Promise<Staged> {
    const { incoming } = this.options.models;
    if (incoming === undefined)
      throw new CommandError(
        'no-incoming',
        'this edge takes no files from a folder',
        'set models.incoming in the configuration, or upload the file',
      );
    if (!isId(name)) throw new CommandError('bad-name', `'${name}' is no name of a file in models.incoming`);
    return this.#add(join(incoming, name), sha256);
  }

  /** A file of another host. */
  async url(url: string, sha256: string): Promise<Staged> {
    return this.#inStore(() => this.#downloads.take(url, (path) => this.#add(path, sha256)));
  }

  /** A piece of a file; with the last one the file is staged. */
  async piece(piece: Piece, sha256: string): Promise<{ received: number } & Partial<Staged>> {
    return this.#inStore(async () => {
      const { received, path } = await this.#uploads.take(piece);
      if (path === undefined) return { received };
      try {
        return { received, ...(await this.#add(path, sha256)) };
      } finally {
        await this.#uploads.end();
      }
    });
  }

  /** A file in the watched folder. Resolves to whether it is done with. */
  async #appeared(path: string, before: number): Promise<boolean> {
    const outcome = await this.#add(path).catch((error: Error) => error);
    if (this.#stopped) return false; // the next start finds it again
    const isPassing = outcome instanceof Refusal && passing.includes(outcome.code);
    if (!isPassing || before + 1 === passingTries) this.options.onIncoming(basename(path), outcome);
    return !isPassing;
  }

  /** Files on their way lie in the folder of the store, so what the disk has against them is a fault of the store. */
  async #inStore<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw storeFault(this.options.models.store, error);
    }
  }

  async #add(path: string, sha256?: string): Promise<Staged> {
    try {
      const { manifest, isNew } = await this.options.store.add(path, sha256);
      return { model: versionName(manifest), sha256: manifest.sha256, is_new: isNew };
    } catch (error) {
      if (error instanceof Refusal || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new CommandError('not-found', `there is no file ${basename(path)}`);
    }
  }
}
