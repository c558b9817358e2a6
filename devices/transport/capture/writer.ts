import { type FileHandle, open } from 'node:fs/promises';
import { encodeHeader, encodeRecords } from './format.js';

export interface CaptureWriterOptions {
  /** Host time in microseconds that the first record counts from. */
  readonly startedUs: number;
  readonly meta?: Readonly<Record<string, unknown>>;
}

/** Writes a capture file. Calls may overlap: records are written in the order of the calls. */
export class CaptureWriter {
  /** Bytes written or on their way. */
  bytes: number;
  private lastUs: number;
  private queue: Promise<void>;

  private constructor(
    private readonly file: FileHandle,
    startedUs: number,
    header: Uint8Array,
  ) {
    this.lastUs = startedUs;
    this.bytes = header.length;
    this.queue = writeAll(file, header);
  }

  /** Creates or replaces the file. Rejects with the system's error. */
  static async create(path: string, options: CaptureWriterOptions): Promise<CaptureWriter> {
    const startedUs = Math.round(options.startedUs);
    const header = encodeHeader({ version: 1, startedUs, meta: options.meta ?? {} });
    const writer = new CaptureWriter(await open(path, 'w'), startedUs, header);
    await writer.queue;
    return writer;
  }

  /** Appends a chunk (copied before the call returns); fulfilled when it was handed to the system. */
  write(chunk: Uint8Array, arrivalUs: number): Promise<void> {
    const now = Math.max(this.lastUs, Math.round(arrivalUs));
    const records = encodeRecords(now - this.lastUs, chunk);
    this.lastUs = now;
    this.bytes += records.length;
    this.queue = this.queue.then(() => writeAll(this.file, records));
    return this.queue;
  }

  /** Waits for what was written, brings it to the disk and closes the file. */
  async close(): Promise<void> {
    try {
      await this.queue;
      await this.file.sync();
    } finally {
      await this.file.close();
    }
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}
