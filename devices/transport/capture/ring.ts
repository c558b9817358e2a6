import { mkdir, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { LinkTap } from '../tap.js';
import { inRingOrder, nextRun, ringFileName } from './ring-names.js';
import { type CaptureFile, CaptureWriter } from './writer.js';

export interface CaptureRingOptions {
  /** Made when it is not there. */
  readonly folder: string;
  /** First part of the files' names: letters, digits, dots, underscores, hyphens. */
  readonly sensor: string;
  /** A file is closed, and the next begun, when it has so many bytes. */
  readonly fileBytes: number;
  /** Files of this sensor in the folder, those of earlier runs included; one more deletes the oldest. At least 1. */
  readonly files: number;
  /** Bytes that may wait for a slow disk; what comes beyond is not recorded, and counted. Default 64 MiB. */
  readonly backlogBytes?: number;
  /** What else the header of a file that is about to be begun tells: who the sensor says it is, its settings. */
  readonly meta?: () => Readonly<Record<string, unknown>>;
  /** How files are made; default: on the disk, never replacing one. */
  readonly create?: (path: string) => Promise<CaptureFile>;
  /** Told once, when the recording cannot go on: the disk is full, the folder is gone. */
  readonly onFailure?: (error: RecordError) => void;
}

/** A recording cannot begin or go on; the message says why, what is kept and what to do. */
export class RecordError extends Error {
  override name = 'RecordError';
}

type Item = { readonly atUs: number; readonly chunk: Uint8Array | undefined };

/**
 * Records a link into a ring of capture files: bounded on the disk and in memory, never an obstacle to the link. Each
 * file is brought to the disk (fsync) before the next is begun; nothing is written before the first byte arrives.
 */
export class CaptureRing implements LinkTap {
  /** Bytes of the link that were taken for recording. */
  bytes = 0;
  /** Bytes that were not recorded, because the disk was too slow or the recording had failed. */
  lost = 0;
  /** Files of this run that are there now, oldest first. */
  readonly written: string[] = [];
  private readonly items: Item[] = [];
  private waitingBytes = 0;
  /** Bytes have come: the next link is not the first. */
  private begun = false;
  private run: string | undefined;
  /** The next bytes are the first of a link that is not the first. */
  private linkIsNew = false;
  private sequence = 0;
  private writer: CaptureWriter | undefined;
  private working: Promise<void> | undefined;
  private failure: RecordError | undefined;

  /** The folder must be there: see `prepare`. */
  private constructor(private readonly options: CaptureRingOptions) {}

  /** Makes the folder. Rejects with a RecordError when it cannot be written to. */
  static async prepare(options: CaptureRingOptions): Promise<CaptureRing> {
    try {
      await mkdir(options.folder, { recursive: true });
    } catch (error) {
      throw recordError(options.folder, error);
    }
    return new CaptureRing(options);
  }

  /** Why the recording has ended before its time; undefined while it has not. */
  get failed(): RecordError | undefined {
    return this.failure;
  }

  opened(): void {
    this.linkIsNew = this.begun;
  }

  data(chunk: Uint8Array, arrivalUs: number): void {
    const room = this.waitingBytes + chunk.length <= (this.options.backlogBytes ?? 64 * 2 ** 20);
    if (this.failure !== undefined || !room) {
      this.lost += chunk.length;
      return;
    }
    this.begun = true;
    if (this.linkIsNew) this.put({ atUs: arrivalUs, chunk: undefined });
    this.linkIsNew = false;
    this.bytes += chunk.length;
    this.waitingBytes += chunk.length;
    this.put({ atUs: arrivalUs, chunk: chunk.slice() });
  }

  /** Writes what waits and brings it to the disk. Never rejects; see `failed`. */
  async close(): Promise<void> {
    await this.working;
    await this.closeFile().catch((error: unknown) => this.fail(error));
  }

  private put(item: Item): void {
    if (this.failure !== undefined) return;
    this.items.push(item);
    this.working ??= this.work();
  }

  private async work(): Promise<void> {
    try {
      while (this.items.length > 0) {
        const writer = await this.openFile(this.items[0]!.atUs);
        await this.fill(writer);
      }
    } catch (error) {
      await this.fail(error);
    } finally {
      this.working = undefined;
    }
  }

  /** Hands what waits to the file, at most until that is full. */
  private async fill(writer: CaptureWriter): Promise<void> {
    let handed: Promise<void> = Promise.resolve();
    let taken = 0;
    while (taken < this.items.length && writer.bytes < this.options.fileBytes) {
      const { atUs, chunk } = this.items[taken++]!;
      handed = chunk === undefined ? writer.newLink(atUs) : writer.write(chunk, atUs);
      handed.catch(() => {}); // the last one tells
    }
    await handed;
    for (const { chunk } of this.items.splice(0, taken)) this.waitingBytes -= chunk?.length ?? 0;
  }

  /** The file that is being written, or the next when that is full. */
  private async openFile(atUs: number): Promise<CaptureWriter> {
    const { folder, sensor, fileBytes, meta, create = createOnDisk } = this.options;
    if (this.writer !== undefined && this.writer.bytes < fileBytes) return this.writer;
    await this.closeFile();
    this.run ??= nextRun(atUs, (await this.mine()).at(-1)?.run);
    const { run } = this;
    const sequence = ++this.sequence;
    const path = join(folder, ringFileName({ sensor, run, sequence }));
    const header = { startedUs: atUs, meta: { sensor, run, sequence, ...meta?.() } };
    this.writer = await CaptureWriter.to(await create(path), header);
    this.written.push(path);
    await this.deleteOldest();
    return this.writer;
  }

  private async closeFile(): Promise<void> {
    const { writer } = this;
    this.writer = undefined;
    await writer?.close();
  }

  private async deleteOldest(): Promise<void> {
    const { folder, files } = this.options;
    const mine = await this.mine();
    for (const { file } of mine.slice(0, Math.max(0, mine.length - files))) {
      const path = join(folder, file);
      await unlink(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
      if (this.written[0] === path) this.written.shift();
    }
  }

  /** The files of this sensor, oldest first. */
  private async mine(): Promise<ReturnType<typeof inRingOrder>> {
    const { folder, sensor } = this.options;
    return inRingOrder(await readdir(folder)).filter((name) => name.sensor === sensor);
  }

  /** What was written stays; the open file is closed as far as that is possible. */
  private async fail(error: unknown): Promise<void> {
    if (this.failure !== undefined) return;
    this.failure = recordError(this.written.at(-1) ?? this.options.folder, error);
    this.lost += this.waitingBytes;
    this.bytes -= this.waitingBytes;
    this.waitingBytes = 0;
    this.items.length = 0;
    await this.closeFile().catch(() => {});
    this.options.onFailure?.(this.failure);
  }
}

function createOnDisk(path: string): Promise<CaptureFile> {
  return open(path, 'wx');
}

function recordError(path: string, error: unknown): RecordError {
  const { code, message } = error as NodeJS.ErrnoException;
  const kept = 'what was written before is kept and can be replayed';
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new RecordError(
        `${path}: the disk is full, the recording has ended; ${kept}. Free some space, or ask for fewer or smaller files`,
      );
    case 'EFBIG':
      return new RecordError(
        `${path}: no file may become that large here, the recording has ended; ${kept}. Ask for smaller files`,
      );
    case 'EEXIST':
      return new RecordError(`${path} is there already: is another recorder writing for the same sensor?`);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new RecordError(`${path}: may not be written to; choose another folder or mend its rights`);
    default:
      return new RecordError(`${path}: ${message}; the recording has ended, ${kept}`);
  }
}
