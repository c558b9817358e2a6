/** Model files that come in pieces, one file at a time. */
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Timer } from '../../clock.js';
import { isId } from '../../id.js';
import { CommandError } from '../../publish/index.js';
import { signaturePath } from '../../swap/index.js';

/** A piece of a file. */
export interface Piece {
  /** Name of the upload, chosen by who sends it. */
  readonly upload: string;
  /** Where in the file the piece begins, in bytes. */
  readonly offset: number;
  readonly data: Uint8Array;
  /** Size of the whole file. */
  readonly bytes: number;
  /** What its signature file says, with the first piece. */
  readonly signature?: string;
}

export interface Received {
  readonly received: number;
  /** The whole file, once the last piece is there. */
  readonly path?: string;
}

export interface UploadsOptions {
  /** Folder of its own, emptied whenever something begins in it. */
  readonly folder: string;
  readonly maxBytes: number;
  readonly clock: Clock;
}

/** An upload without a piece for so long is given up. */
export const uploadIdleMs = 60_000;

interface Current {
  readonly upload: string;
  readonly bytes: number;
  readonly path: string;
  received: number;
  timer: Timer | undefined;
}

/** Collects the pieces of a file in order. A piece that comes again is no harm; another upload has to wait. */
export class Uploads {
  #current: Current | undefined;
  /** Pieces are written one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: UploadsOptions) {}

  /** Throws `CommandError`: bad-name, too-large, upload-busy, upload-unknown, upload-order. */
  take(piece: Piece): Promise<Received> {
    const taken = this.#turn.then(() => this.#take(piece));
    this.#turn = taken.catch(() => undefined);
    return taken;
  }

  /** Forgets an upload and what it has brought. */
  async end(): Promise<void> {
    this.options.clock.clearTimer(this.#current?.timer);
    this.#current = undefined;
    await rm(this.options.folder, { recursive: true, force: true });
  }

  async #take({ upload, offset, data, bytes, signature }: Piece): Promise<Received> {
    if (offset === 0 && this.#current?.upload !== upload) await this.#begin(upload, bytes, signature);
    const current = this.#current;
    if (current?.upload !== upload)
      throw new CommandError('upload-unknown', `no upload '${upload}' goes on`, 'begin it again at offset 0');
    this.#rest(current);
    if (offset + data.length <= current.received) return { received: current.received };
    if (offset !== current.received || offset + data.length > current.bytes)
      throw new CommandError(
        'upload-order',
        `a piece at ${offset} of ${data.length} bytes does not follow ${current.received} of ${current.bytes}`,
        `go on at offset ${current.received}`,
      );
    const file = await open(current.path, 'r+');
    try {
      await file.write(data, 0, data.length, offset);
    } finally {
      await file.close();
    }
    current.received += data.length;
    const { received, path } = current;
    return received < current.bytes ? { received } : { received, path };
  }

  async #begin(upload: string, bytes: number, signature: string | undefined): Promise<void> {
    if (!isId(upload)) throw new CommandError('bad-name', `'${upload}' cannot be the name of an upload`);
    if (this.#current !== undefined)
      throw new CommandError(
        'upload-busy',
        `the upload '${this.#current.upload}' goes on`,
        `wait until it is over; it is given up after ${uploadIdleMs / 1000} s without a piece`,
      );
    if (bytes > this.options.maxBytes)
      throw new CommandError(
        'too-large',
        `${bytes} bytes are more than the limit of ${this.options.maxBytes}`,
        'use a smaller network, or raise models.maxMb',
      );
    await this.end();
    await mkdir(this.options.folder, { recursive: true });
    const path = join(this.options.folder, `${upload}.safetensors`);
    await writeFile(path, '');
    if (signature !== undefined) await writeFile(signaturePath(path), signature);
    this.#current = { upload, bytes, path, received: 0, timer: undefined };
  }

  #rest(current: Current): void {
    const { clock } = this.options;
    clock.clearTimer(current.timer);
    current.timer = clock.setTimer(() => void this.end(), uploadIdleMs);
  }
}
