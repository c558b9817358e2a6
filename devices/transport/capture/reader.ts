import { type FileHandle, open } from 'node:fs/promises';
import {
  CaptureError,
  type CaptureHeader,
  type CaptureRecord,
  decodeHeader,
  decodeRecord,
  headerLength,
  preambleLength,
  recordSpace,
} from './format.js';

/** At least one whole record fits, whatever its length. */
const bufferSize = 4 * recordSpace;

/** Reads a capture file from its beginning to its end, in pieces: its size does not matter. */
export class CaptureReader {
  /** Bytes of an unfinished record at the end of the file; known when `next` has returned undefined. */
  cutBytes = 0;
  private readonly buffer = new Uint8Array(bufferSize);
  private readonly record: CaptureRecord;
  private at = 0;
  private end = 0;

  private constructor(
    private readonly file: FileHandle,
    readonly header: CaptureHeader,
  ) {
    this.record = { arrivalUs: header.startedUs, bytes: this.buffer.subarray(0, 0), newLink: false };
  }

  /** Rejects with the system's error, or with a CaptureError when the file is no capture. */
  static async open(path: string): Promise<CaptureReader> {
    const file = await open(path, 'r');
    try {
      const length = headerLength(await readExactly(file, preambleLength));
      return new CaptureReader(file, decodeHeader(await readExactly(file, length)));
    } catch (error) {
      await file.close();
      throw error instanceof CaptureError ? new CaptureError(`${path}: ${error.message}`) : error;
    }
  }

  /** The next record (the object is reused), or undefined at the end. Rejects with a CaptureError on damage. */
  async next(): Promise<CaptureRecord | undefined> {
    for (;;) {
      const next = decodeRecord(this.buffer, this.at, this.end, this.record);
      if (next >= 0) {
        this.at = next;
        return this.record;
      }
      if (!(await this.fill())) {
        this.cutBytes = this.end - this.at;
        return undefined;
      }
    }
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  /** Moves what is left to the front and reads on; false at the end of the file. */
  private async fill(): Promise<boolean> {
    this.buffer.copyWithin(0, this.at, this.end);
    this.end -= this.at;
    this.at = 0;
    const { bytesRead } = await this.file.read(this.buffer, this.end, this.buffer.length - this.end);
    this.end += bytesRead;
    return bytesRead > 0;
  }
}

/** The next `length` bytes of the file, or fewer when it ends. */
async function readExactly(file: FileHandle, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let have = 0;
  while (have < length) {
    const { bytesRead } = await file.read(bytes, have, length - have);
    if (bytesRead === 0) break;
    have += bytesRead;
  }
  return bytes.subarray(0, have);
}
