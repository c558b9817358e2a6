import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { CaptureReader, CaptureWriter, replayTransport } from '../../../../devices/index.js';
import { FakeClock } from '../../../support/clock.js';
import * as fc from '../../../support/fast-check.js';
import { End, pattern } from '../../../support/wire.js';

const folder = mkdtempSync(join(tmpdir(), 'whorl-capture-'));
const path = join(folder, 'recording');
after(() => rmSync(folder, { recursive: true }));

type Chunk = readonly [arrivalUs: number, bytes: Uint8Array];

async function write(startedUs: number, chunks: readonly Chunk[]): Promise<void> {
  const writer = await CaptureWriter.create(path, { startedUs, meta: { sensor: 'finger' } });
  for (const [arrivalUs, bytes] of chunks) void writer.write(bytes, arrivalUs);
  await writer.close();
  assert.equal(readFileSync(path).length, writer.bytes);
}

async function read(): Promise<{ chunks: Chunk[]; cutBytes: number }> {
  const reader = await CaptureReader.open(path);
  const chunks: Chunk[] = [];
  try {
    for (let record = await reader.next(); record !== undefined; record = await reader.next())
      chunks.push([record.arrivalUs, record.bytes.slice()]);
    return { chunks, cutBytes: reader.cutBytes };
  } finally {
    await reader.close();
  }
}

describe('capture files', () => {
  test('what was written comes back, with its times and its header', async () => {
    const chunk = fc.tuple(fc.nat(0xffff_ffff), fc.uint8Array({ maxLength: 700 }));
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.array(chunk, { maxLength: 60 }), async (startedUs, list) => {
        let now = startedUs;
        const chunks = list.map(([dt, bytes]): Chunk => {
          now += dt;
          return [now, bytes];
        });
        await write(startedUs, chunks);
        assert.deepEqual(await read(), { chunks, cutBytes: 0 });
      }),
      { numRuns: 25 },
    );
    const reader = await CaptureReader.open(path);
    assert.deepEqual(reader.header.meta, { sensor: 'finger' });
    await reader.close();
  });

  test('a file larger than the reading buffer, with a chunk longer than a record', async () => {
    const big = pattern(200_000);
    await write(
      0,
      Array.from({ length: 6 }, (_, i) => [i, big] as const),
    );
    const { chunks } = await read();
    assert.deepEqual(Buffer.concat(chunks.map(([, bytes]) => bytes)), Buffer.concat(new Array(6).fill(big)));
    assert.ok(chunks.every(([, bytes]) => bytes.length <= 65536));
  });

  test('a silence of hours is kept', async () => {
    await write(0, [[2e10, Uint8Array.of(1)]]);
    const { chunks } = await read();
    assert.deepEqual(chunks.at(-1), [2e10, Uint8Array.of(1)]);
  });

  test('a file cut short gives its whole records and says what is missing', async () => {
    await write(0, [
      [5, pattern(100)],
      [6, pattern(100)],
    ]);
    truncateSync(path, readFileSync(path).length - 30);
    assert.deepEqual(await read(), { chunks: [[5, pattern(100)]], cutBytes: 72 });
  });

  test('what is no capture, or damaged, is refused with the place', async () => {
    writeFileSync(path, 'not a capture at all');
    await assert.rejects(CaptureReader.open(path), {
      name: 'CaptureError',
      message: `${path}: this is no capture: it does not begin with WHORLCAP`,
    });
    writeFileSync(path, Buffer.concat([Buffer.from('WHORLCAP'), Buffer.from([255, 255, 255, 255])]));
    await assert.rejects(CaptureReader.open(path), /claims 4294967295 bytes; at most 65536/);
    writeFileSync(path, Buffer.from('WHORLCAP\x04\0\0\0nono'));
    await assert.rejects(CaptureReader.open(path), /header is no JSON/);
    writeFileSync(path, Buffer.from('WHORLCAP\x0d\0\0\0{"version":2}'));
    await assert.rejects(CaptureReader.open(path), /has version 2; this program reads 1/);
    await write(0, []);
    appendFileSync(path, Buffer.from([0, 0xff, 0xff, 0xff, 0x7f, 1]));
    await assert.rejects(read(), /a record claims 268435455 bytes/);
  });
});

describe('replay', () => {
  const chunks: Chunk[] = [
    [1_000_000, Uint8Array.of(1)],
    [1_100_000, Uint8Array.of(2)],
    [1_400_000, Uint8Array.of(3)],
  ];

  /** Replays with a clock of its own and returns when, on that clock, each chunk came, and its arrival time. */
  async function replay(speed: number): Promise<{ at: number[]; arrivals: number[] }> {
    await write(1_000_000, chunks);
    const clock = new FakeClock(0);
    const at: number[] = [];
    const end = new End(replayTransport({ path, speed, clock })());
    await end.open();
    while (end.closings.length === 0) {
      await new Promise(setImmediate);
      for (; at.length < end.arrivals.length; ) at.push(clock.nowUs());
      if (clock.nextDueMs !== undefined) clock.advance(clock.nextDueMs);
    }
    return { at, arrivals: end.arrivals };
  }

  test('at 1x chunks come when they came', async () => {
    assert.deepEqual(await replay(1), { at: [0, 100_000, 400_000], arrivals: [0, 100_000, 400_000] });
  });

  test('at 4x they come four times as fast, with the arrival times of the recording', async () => {
    assert.deepEqual(await replay(4), { at: [0, 25_000, 100_000], arrivals: [0, 100_000, 400_000] });
  });

  test('as fast as possible no time passes, and the arrival times are the same', async () => {
    const { at, arrivals } = await replay(Number.POSITIVE_INFINITY);
    assert.deepEqual(at, [0, 0, 0]);
    assert.deepEqual(arrivals, [0, 100_000, 400_000]);
  });

  test('a damaged recording closes the pipe with the reason', async () => {
    await write(0, [[5, Uint8Array.of(1)]]);
    appendFileSync(path, Buffer.from([0, 0xff, 0xff, 0xff, 0x7f, 1]));
    const end = await new End(replayTransport({ path, speed: Number.POSITIVE_INFINITY })()).open();
    await end.until(() => end.closings.length > 0);
    assert.equal(end.length, 1);
    assert.match(end.closings[0]!.message, /damaged/);
  });

  test('a speed that is none is refused', () => {
    assert.throws(() => replayTransport({ path, speed: 0 }), /speed is above 0, not 0/);
  });
});
