/** Model files that come in pieces, one file at a time. */
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Timer } from '../../clock.js';
import { ID_RULE, isId } from '../../id.js';
import { Turn } from '../../in-turn.js';
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
  /** What the file is called where it comes from, with the first piece; absent: as the upload. */
  readonly file?: string;
  /** What its signature file says, with the first piece. */
  readonly signature?: string;
}

export interface Received {
  readonly received: number;
  /** The whole file, once the last piece is there. */
  readonly path?: string;
}

export interface UploadsOptions {
  /** Folder of its own, made anew whenever something begins in it; the one around it must be there. */
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
  readonly #turn = new Turn();
  #stopped = false;

  constructor(private readonly options: UploadsOptions) {}

  /** Throws `CommandError`: bad-name, too-large, upload-busy, upload-unknown, upload-order, stopping. */
  take(piece: Piece): Promise<Received> {
    return this.#turn.take(() => this.#take(piece));
  }

  /** Forgets the upload and what it has brought, when the pieces before have been written. */
  end(): Promise<void> {
    return this.#turn.take(() => this.#clear());
  }

  /** Ends, and takes nothing any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.end().catch(() => undefined); // the store cannot be used, which has been told
  }

  async #clear(): Promise<void> {
    this.options.clock.clearTimer(this.#current?.timer);
    this.#current = undefined;
    await rm(this.options.folder, { recursive: true, force: true });
  }

  async #take(piece: Piece): Promise<Received> {
    const { upload, offset, data } = piece;
    if (this.#stopped)
      throw new CommandError('stopping', 'the runtime stops', 'send it again when the edge is up');
    if (offset === 0 && this.#current?.upload !== upload) await this.#begin(piece);
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
    if (received < current.bytes) return { received };
    this.#rest(current);
    return { received, path };
  }

  async #begin({ upload, bytes, file = `${upload}.safetensors`, signature }: Piece): Promise<void> {
    if (!isId(upload)) throw new CommandError('bad-name', `'${upload}' cannot be the name of an upload`);
    if (!isId(file))
      throw new CommandError('bad-name', `'${file}' cannot be the name of a file`, `it ${ID_RULE}`);
    if (this.#current !== undefined)
      throw new CommandError(
        'upload-busy',
        `the upload '${this.#current.upload}' goes on`,
        `wait until it is over; it is given up after ${uploadIdleMs / 1000} s without a piece`,
      );
    if (bytes > this.options.maxBytes)
      throw new CommandError(
        'too-large',
        `${file}: ${bytes} bytes are more than the limit of ${this.options.maxBytes}`,
        'use a smaller network, or raise models.maxMb',
      );
    await this.#clear();
    await mkdir(this.options.folder);
    const path = join(this.options.folder, file);
    await writeFile(path, '');
    if (signature !== undefined) await writeFile(signaturePath(path), signature);
    this.#current = { upload, bytes, path, received: 0, timer: undefined };
  }

  /** Waits for the next piece; a file that is whole waits for `end`. */
  #rest(current: Current): void {
    const { clock } = this.options;
    clock.clearTimer(current.timer);
    current.timer = undefined;
    if (current.received === current.bytes) return;
    const timer = clock.setTimer(() => {
      const late = this.#turn.take(async () => {
        if (current.timer === timer) await this.#clear(); // unless a piece has come meanwhile
      });
      late.catch(() => undefined); // what cannot be removed now is in the way of the next one, which is told
    }, uploadIdleMs);
    current.timer = timer;
  }
}
