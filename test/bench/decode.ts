import { createEventBatch, type EventBatch, TefDecoder, TefEncoder, tefSink } from '../../devices/index.js';
import { type Bench, median, table } from './bench.js';

const eventCount = 1_000_000;
const repetitions = 15;
/** A serial read returns up to this many bytes on Linux. */
const chunkBytes = 4095;

interface Stream {
  readonly name: string;
  readonly batch: EventBatch;
  readonly wire: Uint8Array;
  readonly tickNs: number;
  readonly taxels: number;
}

/** Bursts of neighbouring taxels on `taxels` taxels, `meanUs` apart on average: a fixed pseudo-random sequence. */
function burst(taxels: number, meanUs: number, tickNs: number): EventBatch {
  const batch = createEventBatch(eventCount);
  const tickUs = tickNs / 1000;
  let state = 12345;
  let tick = 1000;
  for (let i = 0; i < eventCount; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    if (state >>> 29 !== 0) tick += Math.round(((state & 0xff) / 128) * (meanUs / tickUs));
    batch.tUs[i] = tick * tickUs;
    batch.taxel[i] = (state >>> 8) % taxels;
    batch.polarity[i] = (state >>> 20) & 1;
  }
  batch.length = eventCount;
  return batch;
}

function stream(name: string, taxels: number, meanUs: number, tickNs: number, frameBytes: number): Stream {
  const batch = burst(taxels, meanUs, tickNs);
  const encoder = new TefEncoder({ tickNs, frameBytes });
  const hello = encoder.hello({
    tickNs,
    taxels,
    caps: 1,
    geometryId: 0,
    uid: '0000000000000001',
    firmware: [1, 0, 0],
    bootId: 1,
    name: 'bench',
  });
  const events = encoder.events(batch);
  const wire = new Uint8Array(hello.length + events.length);
  wire.set(hello);
  wire.set(events, hello.length);
  return { name, batch, wire, tickNs, taxels };
}

/** The yardstick: the least that any reader does, one addition a byte. */
function sumOfBytes(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) sum = (sum + bytes[i]!) | 0;
  return sum;
}

/** Feeds the stream in chunks and returns what came out; with `expected`, compares each event. */
function decode(bytes: Uint8Array, expected?: EventBatch): { events: number; sum: number } {
  const decoder = new TefDecoder();
  let events = 0;
  let sum = 0;
  const sink = tefSink({
    events(batch) {
      if (expected !== undefined) compare(batch, expected, events);
      events += batch.length;
      sum += batch.tUs[batch.length - 1]! + batch.taxel[0]!;
    },
    discard(reason, count) {
      throw new Error(`${count} bytes discarded: ${reason}`);
    },
  });
  for (let i = 0; i < bytes.length; i += chunkBytes)
    decoder.push(bytes.subarray(i, Math.min(bytes.length, i + chunkBytes)), sink);
  if (events !== eventCount) throw new Error(`${events} of ${eventCount} events came out`);
  return { events, sum };
}

function compare(batch: EventBatch, expected: EventBatch, offset: number): void {
  for (let i = 0; i < batch.length; i++) {
    const at = offset + i;
    if (
      Math.abs(batch.tUs[i]! - expected.tUs[at]!) > 1e-3 ||
      batch.taxel[i] !== expected.taxel[at] ||
      batch.polarity[i] !== expected.polarity[at]
    )
      throw new Error(`event ${at} came out wrong`);
  }
}

function seconds(work: () => unknown): number {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

export const bench: Bench = {
  name: 'decode',
  about: 'TEF decoder, one core: events/s and share of a plain pass over the bytes',
  async run() {
    const streams = [
      stream('39 taxels, 10 us ticks, 253-byte frames', 39, 200, 10_000, 255),
      stream('39 taxels, 10 us ticks, 64-byte frames', 39, 200, 10_000, 64),
      stream('39 taxels, 1 us ticks, 253-byte frames', 39, 200, 1000, 255),
      stream('39 taxels, 1 us ticks, 64-byte frames', 39, 200, 1000, 64),
      stream('1024 taxels, 1 us ticks, 253-byte frames', 1024, 20, 1000, 255),
    ];
    for (const { wire, batch } of streams) decode(wire, batch);
    const rows: (string | number)[][] = [['stream', 'B/event', 'Mevents/s', 'MB/s', 'plain MB/s', 'share']];
    const eventsPerS: number[] = [];
    const shares: number[] = [];
    for (const { name, wire } of streams) {
      const plain: number[] = [];
      const decoding: number[] = [];
      for (let i = 0; i < repetitions; i++) {
        plain.push(seconds(() => sumOfBytes(wire)));
        decoding.push(seconds(() => decode(wire)));
      }
      const rate = eventCount / median(decoding);
      const share = median(plain) / median(decoding);
      eventsPerS.push(rate);
      shares.push(share);
      rows.push([
        name,
        (wire.length / eventCount).toFixed(2),
        (rate / 1e6).toFixed(1),
        (wire.length / median(decoding) / 1e6).toFixed(0),
        (wire.length / median(plain) / 1e6).toFixed(0),
        share.toFixed(2),
      ]);
    }
    table(rows);
    console.log(
      `medians of ${repetitions} runs over ${eventCount} events; the figures are those of the slowest stream`,
    );
    return {
      events_per_s: Math.round(Math.min(...eventsPerS)),
      vs_plain_pass: Number(Math.min(...shares).toFixed(3)),
    };
  },
};
