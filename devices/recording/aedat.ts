/**
 * AEDAT 3.1 (iniVation): text lines that begin with `#`, ended by CR LF, the last `#!END-HEADER`; then packets. A packet
 * is a header of 28 bytes (type i16, source i16, event size i32, time offset i32, time overflow i32, capacity i32,
 * number i32, valid i32), then its events. A polarity event (type 1) is 8 bytes: bit 0 valid, bit 1 polarity,
 * bits 2-16 y, bits 17-31 x; time in microseconds i32, to which the packet's overflow counter adds multiples of 2^31.
 * All little-endian. Taxel = y * width + x; here the width stands in the source's line, as in `#Source 1: finger 13x3`.
 */
import type { EventBatch } from '../event.js';
import { ByteSource, type Chunks } from './byte-source.js';
import {
  BatchBuilder,
  type GridSize,
  originOf,
  type Recording,
  type RecordingAbout,
  RecordingError,
  type RecordingOutput,
  type RecordingWriter,
  RoundedTimes,
  sensorLost,
} from './recording.js';

const packetHeader = 28;
const polarityType = 1;
const eventBytes = 8;
/** Cameras that are named without their size. */
const knownSizes: readonly (readonly [RegExp, GridSize])[] = [
  [/DVS128|eDVS/i, { width: 128, height: 128 }],
  [/DAVIS240/i, { width: 240, height: 180 }],
];

/**
 * @param size pixels, where the file does not tell. Rejects with a RecordingError that names the byte.
 */
export async function readAedat(chunks: Chunks, size?: GridSize): Promise<Recording> {
  const source = new ByteSource(chunks);
  const told = await readHeader(source);
  const grid = size ?? told;
  if (grid === undefined)
    throw new RecordingError(
      'the header does not say how many pixels there are: give them with --size, e.g. 128x128',
    );
  const { width, height } = grid;
  if (width * height > 65_536)
    throw new RecordingError(`${width}x${height} pixels are more taxels than there can be, 65536`);
  const packets = new Packets(source, grid);
  const first = await packets.next();
  packets.originS = originOf(Math.floor((first === undefined ? 0 : packets.firstUs(first)) / 1e6));
  return {
    about: { taxels: width * height, size: grid, originS: packets.originS },
    batches: packets.batches(first),
    notes: () => packets.notes(),
  };
}

/** The size that the header tells, if it does. */
async function readHeader(source: ByteSource): Promise<GridSize | undefined> {
  const first = await source.line();
  if (first === undefined || !/^#!AER-DAT3\.[01]/.test(first))
    throw new RecordingError(
      `byte 0: is no AEDAT 3.1 file: it begins with "${(first ?? '').slice(0, 20)}", not #!AER-DAT3.1`,
    );
  let size: GridSize | undefined;
  for (;;) {
    const line = (await source.peek()) === 0x23 ? await source.line() : undefined;
    if (line === undefined) throw new RecordingError(`byte ${source.offset}: the header has no #!END-HEADER`);
    if (line === '#!END-HEADER') return size;
    const format = /^#Format:\s*(.*)$/.exec(line)?.[1];
    if (format !== undefined && format !== 'RAW')
      throw new RecordingError(`byte ${source.offset}: format ${format} is not supported, only RAW`);
    if (line.startsWith('#Source')) size ??= sizeIn(line);
  }
}

function sizeIn(line: string): GridSize | undefined {
  const [, width, height] = /(\d{1,5})x(\d{1,5})\s*$/.exec(line) ?? [];
  if (width !== undefined) return { width: Number(width), height: Number(height) };
  return knownSizes.find(([name]) => name.test(line))?.[1];
}

interface Packet {
  readonly at: number;
  readonly overflowUs: number;
  readonly number: number;
}

class Packets {
  originS = 0;
  private readonly otherTypes = new Map<number, number>();
  private invalid = 0;
  /** The events of the packet that are at hand. */
  private peeked: Uint8Array | undefined;

  constructor(
    private readonly source: ByteSource,
    private readonly size: GridSize,
  ) {}

  /** Header of the next packet with polarity events, of which the first is at hand; undefined at the end. */
  async next(): Promise<Packet | undefined> {
    for (;;) {
      const at = this.source.offset;
      const bytes = await this.source.take(packetHeader, 'a packet header');
      if (bytes === undefined) return undefined;
      const view = viewOf(bytes);
      const type = view.getInt16(0, true);
      const [eventSize, overflow, number] = [4, 12, 20].map((place) => view.getInt32(place, true)) as [
        number,
        number,
        number,
      ];
      if (type < 0 || type > 1023 || eventSize < 1 || number < 0 || overflow < 0)
        throw new RecordingError(
          `byte ${at}: no packet header: type ${type}, ${number} events of ${eventSize} bytes, overflow ${overflow}`,
        );
      if (type !== polarityType) {
        this.otherTypes.set(type, (this.otherTypes.get(type) ?? 0) + number);
        await this.source.skip(number * eventSize, `a packet of type ${type}`);
        continue;
      }
      if (eventSize !== eventBytes)
        throw new RecordingError(`byte ${at}: polarity events of ${eventSize} bytes, not ${eventBytes}`);
      if (number === 0) continue;
      this.peeked = (await this.source.need(eventBytes, 'a packet of events')).slice();
      return { at, overflowUs: overflow * 2 ** 31, number };
    }
  }

  /** Time of the event at hand since the zero of the file. */
  firstUs({ overflowUs }: Packet): number {
    return overflowUs + viewOf(this.peeked!).getInt32(4, true);
  }

  async *batches(first: Packet | undefined): AsyncGenerator<EventBatch> {
    const builder = new BatchBuilder(this.size.width * this.size.height);
    for (let packet = first; packet !== undefined; packet = await this.next())
      for (let i = 0; i < packet.number; i++) {
        const event = i === 0 ? this.peeked! : await this.source.need(eventBytes, 'a packet of events');
        if (this.add(event, packet, builder)) yield builder.take();
      }
    yield builder.take();
  }

  notes(): string[] {
    return [
      ...[...this.otherTypes].map(
        ([type, n]) => `${n} events of type ${type}, which are no polarity events, were passed over`,
      ),
      ...(this.invalid === 0 ? [] : [`${this.invalid} events that the file marks as invalid were left out`]),
    ];
  }

  /** True when the batch is full. */
  private add(event: Uint8Array, { overflowUs }: Packet, builder: BatchBuilder): boolean {
    const view = viewOf(event);
    const word = view.getUint32(0, true);
    const place = (): string => `byte ${this.source.offset - eventBytes}`;
    if ((word & 1) === 0) {
      this.invalid++;
      return false;
    }
    const [x, y] = [word >>> 17, (word >>> 2) & 0x7fff];
    const { width, height } = this.size;
    if (x >= width || y >= height)
      throw new RecordingError(`${place()}: pixel (${x}, ${y}) is outside of ${width}x${height}`);
    const tUs = overflowUs + view.getInt32(4, true) - this.originS * 1e6;
    return builder.add(tUs, y * width + x, (word >>> 1) & 1, place);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Throws RecordingError when the number of taxels is not known, or is not that of the size. */
export function writeAedat(output: RecordingOutput, about: RecordingAbout): RecordingWriter {
  const { taxels, originS } = about;
  const size = about.size ?? (taxels === undefined ? undefined : { width: taxels, height: 1 });
  if (size === undefined)
    throw new RecordingError(
      'AEDAT tells the number of pixels, which the input does not: give --size or --taxels',
    );
  const { width, height } = size;
  if (taxels !== undefined && width * height !== taxels)
    throw new RecordingError(
      `--size ${width}x${height} is ${width * height} pixels, the recording has ${taxels} taxels`,
    );
  if (width > 0x8000 || height > 0x8000)
    throw new RecordingError(
      `AEDAT holds 32768 rows and columns, not ${width}x${height}: give another --size`,
    );
  const times = new RoundedTimes();
  let begun: Promise<void> | undefined;
  const begin = (): Promise<void> => {
    const header = `#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: whorl ${width}x${height}\r\n#!END-HEADER\r\n`;
    begun ??= output.write(Buffer.from(header, 'latin1'));
    return begun;
  };
  return {
    async write(batch) {
      await begin();
      for (let from = 0; from < batch.length; ) {
        const packet = packetFrom(batch, from, originS, size, times);
        await output.write(packet.bytes);
        from = packet.end;
      }
    },
    async end() {
      await begin();
      return [...times.notes('AEDAT'), ...sensorLost({ sensor: about.sensor }, 'AEDAT')];
    },
  };
}

/** The events from `from` on that share an overflow counter, as a packet. */
function packetFrom(
  { tUs, taxel, polarity, length }: EventBatch,
  from: number,
  originS: number,
  { width, height }: GridSize,
  times: RoundedTimes,
): { bytes: Uint8Array; end: number } {
  const bytes = new Uint8Array(packetHeader + (length - from) * eventBytes);
  const view = viewOf(bytes);
  let overflow: number | undefined;
  let end = from;
  for (let at = packetHeader; end < length; end++, at += eventBytes) {
    const us = Math.round(tUs[end]!) + originS * 1e6;
    overflow ??= Math.floor(us / 2 ** 31);
    if (Math.floor(us / 2 ** 31) !== overflow) break;
    times.round(tUs[end]!);
    const pixel = taxel[end]!;
    if (pixel >= width * height)
      throw new RecordingError(`taxel ${pixel} is outside of ${width}x${height} pixels: give another --size`);
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    view.setUint32(at, ((x << 17) | (y << 2) | (polarity[end]! << 1) | 1) >>> 0, true);
    view.setInt32(at + 4, us % 2 ** 31, true);
  }
  const number = end - from;
  view.setInt16(0, polarityType, true);
  view.setInt16(2, 1, true);
  const fields = [eventBytes, 4, overflow ?? 0, number, number, number];
  for (const [i, value] of fields.entries()) view.setInt32(4 + 4 * i, value, true);
  return { bytes: bytes.subarray(0, packetHeader + number * eventBytes), end };
}
