/** Ways of model files into the store of a running edge. None of them changes what serves. */
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Clock } from '../../clock.js';
import type { ModelsConfig } from '../../config/index.js';
import { isId } from '../../id.js';
import { CommandError } from '../../publish/index.js';
import { Refusal, type StorePort, versionName } from '../../swap/index.js';
import { download } from './download.js';
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
  /** Told of each file that appeared in the watched folder: staged, or refused with the reason. */
  readonly onIncoming: (file: string, outcome: Staged | Error) => void;
  readonly onFault: (reason: string) => void;
}

export class Staging {
  readonly #uploads: Uploads;
  readonly #incoming: Incoming | undefined;
  readonly #maxBytes: number;

  constructor(private readonly options: StagingOptions) {
    const { models, clock, onIncoming, onFault } = options;
    this.#maxBytes = Math.floor(models.maxMb * 1e6);
    const folder = join(models.store, '.upload');
    this.#uploads = new Uploads({ folder, maxBytes: this.#maxBytes, clock });
    if (models.incoming === undefined) return;
    this.#incoming = new Incoming({
      ...{ folder: models.incoming, clock, onFault },
      onFile: async (path) =>
        onIncoming(basename(path), await this.#add(path).catch((error: Error) => error)),
    });
  }

  /** Begins to watch. */
  start(): void {
    this.#incoming?.start();
  }

  async stop(): Promise<void> {
    this.#incoming?.stop();
    await this.#uploads.end();
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
    const { models, httpsCa } = this.options;
    const folder = join(models.store, '.download');
    const path = await download(url, {
      ...{ folder, maxBytes: this.#maxBytes, hosts: models.httpsHosts, ca: httpsCa },
    });
    try {
      return await this.#add(path, sha256);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** A piece of a file; with the last one the file is staged. */
  async piece(piece: Piece, sha256: string): Promise<{ received: number } & Partial<Staged>> {
    const { received, path } = await this.#uploads.take(piece);
    if (path === undefined) return { received };
    try {
      return { received, ...(await this.#add(path, sha256)) };
    } finally {
      await this.#uploads.end();
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
