import { type FileHandle, open } from 'node:fs/promises';
import { encodeHeader, encodeNewLink, encodeRecords } from './format.js';

export interface CaptureWriterOptions {
  /** Host time in microseconds that the first record counts from. */
  readonly startedUs: number;
  readonly meta?: Readonly<Record<string, unknown>>;
  /** Fail with EEXIST in place of replacing a file. Default false. */
  readonly exclusive?: boolean;
}

/** What a capture is written to: an open file. */
export type CaptureFile = Pick<FileHandle, 'write' | 'sync' | 'close'>;

/**
 * Writes a capture file. Calls may overlap: records are written in the order of the calls, those that came while the
 * system was busy together. After an error nothing more is written, and every call rejects with it.
 */
export class CaptureWriter {
  /** Bytes written or on their way. */
  bytes = 0;
  private lastUs: number;
  private waiting: Uint8Array[] = [];
  /** The write that takes what waits, and the one before it. */
  private next: Promise<void> | undefined;
  private last: Promise<void> = Promise.resolve();

  private constructor(
    private readonly file: CaptureFile,
    startedUs: number,
  ) {
    this.lastUs = startedUs;
  }

  /** Creates or replaces the file. Rejects with the system's error. */
  static async create(path: string, options: CaptureWriterOptions): Promise<CaptureWriter> {
    return CaptureWriter.to(await open(path, options.exclusive ? 'wx' : 'w'), options);
  }

  /** Begins a capture in an open, empty file, which is closed when that fails. Rejects with the system's error. */
  static async to(file: CaptureFile, options: CaptureWriterOptions): Promise<CaptureWriter> {
    const startedUs = Math.round(options.startedUs);
    const writer = new CaptureWriter(file, startedUs);
    try {
      await writer.append(encodeHeader({ version: 1, startedUs, meta: options.meta ?? {} }));
      return writer;
    } catch (error) {
      await file.close().catch(() => {});
      throw error;
    }
  }

  /** Appends a chunk (copied before the call returns); fulfilled when it was handed to the system. */
  write(chunk: Uint8Array, arrivalUs: number): Promise<void> {
    return this.append(encodeRecords(this.passed(arrivalUs), chunk));
  }

  /** Notes that the link was opened again: bytes from here on do not go on where those before ended. */
  newLink(atUs: number): Promise<void> {
    return this.append(encodeNewLink(this.passed(atUs)));
  }

  /** Waits for what was written, brings it to the disk and closes the file. */
  async close(): Promise<void> {
    try {
      await (this.next ?? this.last);
      await this.file.sync();
    } finally {
      await this.file.close();
    }
  }

  /** Whole microseconds since the record before; time does not go back. */
  private passed(atUs: number): number {
    const now = Math.max(this.lastUs, Math.round(atUs));
    const dtUs = now - this.lastUs;
    this.lastUs = now;
    return dtUs;
  }

  private append(records: Uint8Array): Promise<void> {
    this.bytes += records.length;
    this.waiting.push(records);
    this.next ??= this.last.then(() => {
      const together = Buffer.concat(this.waiting);
      this.waiting = [];
      this.last = this.next!;
      this.next = undefined;
      return writeAll(this.file, together);
    });
    return this.next;
  }
}

async function writeAll(file: CaptureFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}
