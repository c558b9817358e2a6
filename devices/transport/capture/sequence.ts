import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CaptureError, type CaptureHeader, type CaptureRecord } from './format.js';
import { CaptureReader } from './reader.js';
import { inRingOrder, parseRingName } from './ring-names.js';

/**
 * The capture files behind a path, in the order of time: the file itself, or the newest run in a folder of the recordings
 * of one sensor. Rejects with the system's error, or with a CaptureError when the folder has none, or of several sensors.
 */
export async function captureFiles(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const ring = inRingOrder(await readdir(path));
  const newest = ring.at(-1);
  if (newest === undefined)
    throw new CaptureError(`${path}: no captures named <sensor>-<date>-<number>.capture; name a file`);
  const sensors = [...new Set(ring.map(({ sensor }) => sensor))];
  if (sensors.length > 1)
    throw new CaptureError(
      `${path}: has recordings of ${sensors.join(', ')}; name a file, or move them apart`,
    );
  return ring.filter(({ run }) => run === newest.run).map(({ file }) => join(path, file));
}

/** Reads the captures behind a path one after the other, as if they were one file. */
export class CaptureSequence {
  /** Files that have been begun. */
  private position = 1;

  private constructor(
    /** Files in the order in which they are read. */
    readonly files: readonly string[],
    private reader: CaptureReader,
    /** Header of the first file. */
    readonly header: CaptureHeader,
  ) {}

  /** Rejects as `captureFiles` and `CaptureReader.open` do. */
  static async open(path: string): Promise<CaptureSequence> {
    const files = await captureFiles(path);
    const reader = await CaptureReader.open(files[0]!);
    return new CaptureSequence(files, reader, reader.header);
  }

  /** Bytes of an unfinished record at the end of the last file; known when `next` has returned undefined. */
  get cutBytes(): number {
    return this.reader.cutBytes;
  }

  /** The next record (the object is reused), or undefined at the end. Rejects with a CaptureError that names the file. */
  async next(): Promise<CaptureRecord | undefined> {
    for (;;) {
      const record = await this.read();
      const file = this.files[this.position];
      if (record !== undefined || file === undefined) return record;
      const wasCut = this.reader.cutBytes > 0 || !follows(this.files[this.position - 1]!, file);
      await this.reader.close();
      this.reader = await CaptureReader.open(file);
      this.position++;
      if (wasCut) return { arrivalUs: this.reader.header.startedUs, bytes: new Uint8Array(0), newLink: true };
    }
  }

  async close(): Promise<void> {
    await this.reader.close();
  }

  private async read(): Promise<CaptureRecord | undefined> {
    try {
      return await this.reader.next();
    } catch (error) {
      const file = this.files[this.position - 1];
      throw error instanceof CaptureError ? new CaptureError(`${file}: ${error.message}`) : error;
    }
  }
}

/** Whether no file is missing between two of a run. */
function follows(before: string, after: string): boolean {
  return parseRingName(before)?.sequence === (parseRingName(after)?.sequence ?? 0) - 1;
}
