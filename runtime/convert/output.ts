import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import type { RecordingOutput } from '../../devices/index.js';

/** A file that appears under its name when it is whole, and not before. */
export class OutputFile implements RecordingOutput {
  private at = 0;

  private constructor(
    private readonly file: FileHandle,
    private readonly path: string,
    private readonly partial: string,
  ) {}

  /** Rejects with the system's error. */
  static async create(path: string): Promise<OutputFile> {
    const partial = `${path}.partial`;
    return new OutputFile(await open(partial, 'w'), path, partial);
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let from = 0; from < bytes.length; ) {
      const { bytesWritten } = await this.file.write(bytes, from, bytes.length - from, this.at);
      from += bytesWritten;
      this.at += bytesWritten;
    }
  }

  async patch(at: number, bytes: Uint8Array): Promise<void> {
    await this.file.write(bytes, 0, bytes.length, at);
  }

  /** The file is whole: it takes its name. */
  async keep(): Promise<void> {
    await this.file.close();
    await rename(this.partial, this.path);
  }

  /** It could not be finished: nothing is left of it. */
  async discard(): Promise<void> {
    await this.file.close().catch(() => {});
    await rm(this.partial, { force: true });
  }
}
