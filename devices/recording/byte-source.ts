import { RecordingError } from './recording.js';

/** Bytes in pieces of any length, as a file stream gives them. */
export type Chunks = AsyncIterable<Uint8Array>;

/** Longest line that a text format may have. */
const maxLine = 4096;

/** Reads exact numbers of bytes, or lines, from a stream, of which it keeps no more than a piece. */
export class ByteSource {
  /** Bytes taken so far: the place in the file. */
  offset = 0;
  private readonly chunks: AsyncIterator<Uint8Array>;
  private rest: Uint8Array = new Uint8Array(0);

  constructor(chunks: Chunks) {
    this.chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next `length` bytes; undefined at the end. Rejects with a RecordingError when the file ends within them. */
  async take(length: number, what: string): Promise<Uint8Array | undefined> {
    if (length === 0) return this.rest.subarray(0, 0);
    await this.gather(length);
    if (this.rest.length === 0) return undefined;
    if (this.rest.length < length)
      throw new RecordingError(
        `byte ${this.offset}: the file ends within ${what}: ${this.rest.length} of ${length} bytes are there`,
      );
    return this.pass(length);
  }

  /** As `take`, where there has to be something. */
  async need(length: number, what: string): Promise<Uint8Array> {
    const bytes = await this.take(length, what);
    if (bytes === undefined) throw new RecordingError(`byte ${this.offset}: the file ends before ${what}`);
    return bytes;
  }

  /** Passes over bytes without keeping them. */
  async skip(length: number, what: string): Promise<void> {
    for (let left = length; left > 0; ) {
      const most = Math.min(left, 65_536);
      await this.need(most, what);
      left -= most;
    }
  }

  /** The next bytes as they come, at most `limit` of them; undefined at the end. */
  async some(limit: number): Promise<Uint8Array | undefined> {
    await this.gather(1);
    return this.rest.length === 0 ? undefined : this.pass(Math.min(limit, this.rest.length));
  }

  /** The next line without its end (LF or CR LF); undefined at the end of the file. */
  async line(): Promise<string | undefined> {
    for (let searched = 0; ; ) {
      const end = this.rest.indexOf(10, searched);
      if (end > maxLine || (end < 0 && this.rest.length > maxLine))
        throw new RecordingError(`byte ${this.offset}: a line of more than ${maxLine} bytes: is this text?`);
      if (end >= 0) return text(this.pass(end + 1).subarray(0, end));
      searched = this.rest.length;
      if (!(await this.more())) break;
    }
    return this.rest.length === 0 ? undefined : text(this.pass(this.rest.length));
  }

  /** The next byte without taking it; undefined at the end. */
  async peek(): Promise<number | undefined> {
    await this.gather(1);
    return this.rest[0];
  }

  private pass(length: number): Uint8Array {
    const bytes = this.rest.subarray(0, length);
    this.rest = this.rest.subarray(length);
    this.offset += length;
    return bytes;
  }

  private async gather(length: number): Promise<void> {
    while (this.rest.length < length && (await this.more()));
  }

  private async more(): Promise<boolean> {
    const { value, done } = await this.chunks.next();
    if (done) return false;
    const joined = new Uint8Array(this.rest.length + value.length);
    joined.set(this.rest);
    joined.set(value, this.rest.length);
    this.rest = joined;
    return true;
  }
}

function text(bytes: Uint8Array): string {
  const end = bytes.at(-1) === 13 ? bytes.length - 1 : bytes.length;
  return Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('latin1');
}
