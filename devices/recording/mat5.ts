/**
 * ST-MNIST (See et al. 2020): a MATLAB 5 file with one variable, `spiketrain`, doubles of taxels + 1 rows. A column is an
 * event: +1 (ON) or -1 (OFF) in the row of its taxel, zeros elsewhere, and its time in seconds in the last row.
 * The container (MAT-File Format, The MathWorks): a header of 128 bytes, then elements of a tag (type u32, bytes u32) and
 * data padded to 8 bytes; up to 4 bytes of data stand in the tag itself. Element 15 is another one, compressed by zlib.
 */
import { Readable } from 'node:stream';
import { createInflate } from 'node:zlib';
import type { EventBatch } from '../event.js';
import { ByteSource, type Chunks } from './byte-source.js';
import { BatchBuilder, type Recording, RecordingError } from './recording.js';

const variable = 'spiketrain';
const matrixElement = 14;
const compressedElement = 15;
/** Class of an array of doubles. */
const doubleClass = 6;
/** Bytes of the numbers that may stand for doubles, by element type; whole numbers are kept in the smallest type. */
const numberBytes: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8 };

/** Rejects with a RecordingError that names the byte or the event (column). */
export async function readMat5(chunks: Chunks): Promise<Recording> {
  const file = new ByteSource(chunks);
  const little = byteOrder(await file.need(128, 'the header'));
  const seen: string[] = [];
  for (;;) {
    const tag = await readTag(file, little);
    if (tag === undefined) break;
    const source = tag.type === compressedElement ? inflated(file, tag.bytes) : file;
    const inner = source === file ? tag : await readTag(source, little);
    if (inner?.type !== matrixElement)
      throw new RecordingError(`byte ${file.offset}: no variable, but type ${inner?.type}`);
    const end = source.offset + inner.bytes;
    const matrix = await readMatrix(source, little);
    if (matrix.name === variable) {
      const taxels = matrix.rows - 1;
      return { about: { taxels, originS: 0 }, batches: columns(source, matrix, little) };
    }
    seen.push(matrix.name);
    await source.skip(end - source.offset, `the variable ${matrix.name}`);
    if (source !== file) while ((await source.some(65_536)) !== undefined);
  }
  const found = seen.length === 0 ? 'no variables' : `the variables ${seen.slice(0, 8).join(', ')}`;
  throw new RecordingError(`has ${found}, but no ${variable}: is this a file of ST-MNIST?`);
}

/** Whether numbers are little-endian. */
function byteOrder(header: Uint8Array): boolean {
  const text = Buffer.from(header.subarray(0, 116)).toString('latin1');
  if (text.startsWith('MATLAB 7.3') || text.startsWith('\x89HDF'))
    throw new RecordingError('is a MATLAB 7.3 file (HDF5), which is not read: save it with -v7');
  const mark = String.fromCharCode(header[126]!, header[127]!);
  if (mark !== 'IM' && mark !== 'MI')
    throw new RecordingError('byte 126: is no MATLAB 5 file: the mark of the byte order is missing');
  return mark === 'IM';
}

interface Tag {
  readonly type: number;
  readonly bytes: number;
  /** Data that stand in the tag itself. */
  readonly inside?: Uint8Array;
}

async function readTag(source: ByteSource, little: boolean): Promise<Tag | undefined> {
  const bytes = await source.take(8, 'the tag of an element');
  if (bytes === undefined) return undefined;
  const view = viewOf(bytes);
  const first = view.getUint32(0, little);
  const short = first >>> 16;
  if (short === 0) return { type: first, bytes: view.getUint32(4, little) };
  if (short > 4)
    throw new RecordingError(`byte ${source.offset - 8}: an element of type ${first} is damaged`);
  return { type: first & 0xffff, bytes: short, inside: bytes.slice(4, 4 + short) };
}

async function needTag(source: ByteSource, little: boolean, what: string): Promise<Tag> {
  const tag = await readTag(source, little);
  if (tag === undefined) throw new RecordingError(`byte ${source.offset}: the file ends before ${what}`);
  return tag;
}

/** A small element: its data. */
async function readSmall(source: ByteSource, little: boolean, what: string): Promise<Uint8Array> {
  const { bytes, inside } = await needTag(source, little, what);
  if (inside !== undefined) return inside;
  if (bytes > 4096) throw new RecordingError(`byte ${source.offset}: ${what} claims ${bytes} bytes`);
  return (await source.need(Math.ceil(bytes / 8) * 8, what)).slice(0, bytes);
}

interface Matrix {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  /** Element type of its numbers. */
  readonly type: number;
  readonly inside: Uint8Array | undefined;
}

/** A matrix up to its numbers; of one with another name than `variable` the name alone. */
async function readMatrix(source: ByteSource, little: boolean): Promise<Matrix> {
  const flags = await readSmall(source, little, 'the flags of a variable');
  const dimensions = await readSmall(source, little, 'the dimensions of a variable');
  const name = Buffer.from(await readSmall(source, little, 'the name of a variable')).toString('latin1');
  if (name !== variable) return { name, rows: 0, columns: 0, type: 0, inside: undefined };
  const kind = flags.length < 4 ? 0 : viewOf(flags).getUint32(0, little);
  if ((kind & 0xff) !== doubleClass || (kind & 0x800) !== 0)
    throw new RecordingError(`${variable} is no array of real doubles, but of class ${kind & 0xff}`);
  const sizes = Array.from({ length: dimensions.length >> 2 }, (_, i) =>
    viewOf(dimensions).getInt32(4 * i, little),
  );
  const [rows = 0, columns = 0] = sizes;
  if (sizes.length !== 2 || rows < 2 || rows > 65_537 || columns < 0)
    throw new RecordingError(`${variable} has the shape ${sizes.join('x')}, not taxels + 1 rows by events`);
  const { type, bytes, inside } = await needTag(source, little, 'the numbers');
  const each = numberBytes[type];
  if (each === undefined)
    throw new RecordingError(`${variable} has numbers of type ${type}, which is not read`);
  if (bytes !== rows * columns * each)
    throw new RecordingError(`${variable} is ${rows}x${columns}, but has ${bytes} bytes of numbers`);
  return { name, rows, columns, type, inside };
}

async function* columns(
  source: ByteSource,
  { rows, columns: count, type, inside }: Matrix,
  little: boolean,
): AsyncGenerator<EventBatch> {
  const builder = new BatchBuilder(rows - 1);
  const length = rows * numberBytes[type]!;
  for (let column = 0; column < count; column++) {
    const bytes =
      inside?.subarray(column * length, (column + 1) * length) ?? (await source.need(length, variable));
    const event = eventIn(numbersIn(viewOf(bytes), rows, type, little), column);
    if (builder.add(event.tUs, event.taxel, event.polarity, () => `event ${column}`)) yield builder.take();
  }
  yield builder.take();
}

function eventIn(
  values: readonly number[],
  column: number,
): { tUs: number; taxel: number; polarity: number } {
  const last = values.length - 1;
  const taxel = values.findIndex((value, row) => row < last && value !== 0);
  const second = values.findIndex((value, row) => row > taxel && row < last && value !== 0);
  const sign = values[taxel] ?? 0;
  if (taxel < 0 || second >= 0 || Math.abs(sign) !== 1)
    throw new RecordingError(
      `event ${column}: has ${taxel < 0 ? 'no' : second >= 0 ? 'more than one' : `the value ${sign} as its`} taxel; each has one, +1 or -1`,
    );
  const seconds = values[last]!;
  if (!(seconds >= 0 && seconds < 1e7))
    throw new RecordingError(`event ${column}: its time is ${seconds} s, which is not within 0..10^7`);
  return { tUs: Math.round(seconds * 1e9) / 1000, taxel, polarity: sign > 0 ? 1 : 0 };
}

function numbersIn(view: DataView, count: number, type: number, little: boolean): number[] {
  const each = numberBytes[type]!;
  return Array.from({ length: count }, (_, i) => numberAt(view, i * each, type, little));
}

function numberAt(view: DataView, at: number, type: number, little: boolean): number {
  switch (type) {
    case 1:
      return view.getInt8(at);
    case 2:
      return view.getUint8(at);
    case 3:
      return view.getInt16(at, little);
    case 4:
      return view.getUint16(at, little);
    case 5:
      return view.getInt32(at, little);
    case 6:
      return view.getUint32(at, little);
    case 7:
      return view.getFloat32(at, little);
    default:
      return view.getFloat64(at, little);
  }
}

/** The next `length` bytes of a file, uncompressed. */
function inflated(file: ByteSource, length: number): ByteSource {
  const start = file.offset;
  const packed = async function* (): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0; ) {
      const piece = await file.some(left);
      if (piece === undefined) return;
      left -= piece.length;
      yield piece.slice();
    }
  };
  const unpacked = async function* (): AsyncGenerator<Uint8Array> {
    const inflate = createInflate();
    Readable.from(packed(), { objectMode: false })
      .on('error', (error) => inflate.destroy(error))
      .pipe(inflate);
    try {
      for await (const chunk of inflate) yield chunk as Uint8Array;
    } catch (error) {
      if (error instanceof RecordingError || !isZlibError(error)) throw error;
      throw new RecordingError(
        `byte ${start}: the compressed variable is damaged or cut short: ${error.message}`,
      );
    }
  };
  return new ByteSource(unpacked());
}

function isZlibError(error: unknown): error is Error {
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && code.startsWith('Z_');
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
