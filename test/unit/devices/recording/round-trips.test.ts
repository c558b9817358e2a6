/** Every format of recordings: what is written is read again, however the file is cut; large files do not pile up. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import {
  CaptureSequence,
  type Chunks,
  type Recording,
  type RecordingAbout,
  readAedat,
  readCapture,
  readCsv,
  readMat5,
  readTact,
  tefDriver,
  writeAedat,
  writeCapture,
  writeCsv,
  writeMat5,
  writeTact,
} from '../../../../devices/index.js';
import {
  eventRows,
  type OpenWriter,
  piecesOf,
  type Row,
  rowsOf,
  written,
} from '../../../support/event-streams.js';
import * as fc from '../../../support/fast-check.js';

const folder = mkdtempSync(join(tmpdir(), 'whorl-recording-'));
after(() => rmSync(folder, { recursive: true }));

const taxels = 12;
const size = { width: 4, height: 3 };

interface FormatCase {
  readonly name: string;
  readonly write: OpenWriter;
  readonly read: (chunks: Chunks) => Promise<Recording>;
  /** Grid of the times that it holds, in nanoseconds. */
  readonly stepNs: number;
  /** Whether it holds the time of day. */
  readonly dated: boolean;
}

const formats: readonly FormatCase[] = [
  { name: '.tact', write: writeTact, read: (chunks) => readTact(chunks, taxels), stepNs: 1, dated: true },
  {
    name: '.tact of four columns',
    write: (output, about) => writeTact(output, about, 4),
    read: (chunks) => readTact(chunks, taxels),
    ...{ stepNs: 1, dated: true },
  },
  { name: 'CSV', write: writeCsv, read: (chunks) => readCsv(chunks, taxels), stepNs: 1, dated: true },
  { name: '.mat', write: writeMat5, read: readMat5, stepNs: 16, dated: false },
  { name: 'AEDAT 3.1', write: writeAedat, read: readAedat, stepNs: 1000, dated: true },
];

for (const { name, write, read, stepNs, dated } of formats) {
  describe(name, () => {
    test('events come back, however the file is cut', async () => {
      const origins = dated ? fc.constantFrom(0, 1_784_177_470) : fc.constant(0);
      await fc.assert(
        fc.asyncProperty(
          eventRows(taxels, stepNs),
          origins,
          fc.integer({ min: 1, max: 90 }),
          async (rows, originS, cut) => {
            const about: RecordingAbout = { taxels, size, originS };
            const { bytes } = await written(write, about, rows);
            const again = await read(piecesOf(bytes, cut));
            assert.equal(again.about.taxels, taxels);
            const shiftUs = (again.about.originS - originS) * 1e6;
            const found = (await rowsOf(again)).map(
              ([tUs, ...rest]): Row => [onGrid(tUs + shiftUs), ...rest],
            );
            assert.deepEqual(found, rows.length === 0 ? [] : rows);
          },
        ),
        { numRuns: 60 },
      );
    });

    test('a file far larger than a piece is read as it comes, and nothing of it is kept', async () => {
      const part = Array.from({ length: 1000 }, (_, i): Row => [i * 100, i % taxels, i & 1]);
      const { bytes } = await written(write, { taxels, size, originS: 0 }, part);
      const { stream, ahead } = longStream(name, bytes, part.length);
      let events = 0;
      let most = 0;
      for await (const batch of (await read(stream)).batches) {
        events += batch.length;
        most = Math.max(most, ahead(events));
      }
      assert.equal(events, 120 * part.length);
      assert.ok(most < 300_000, `${most} bytes were read ahead of the events`);
    });
  });
}

/** Whole nanoseconds: sums of doubles are off by less. */
function onGrid(tUs: number): number {
  return Math.round(tUs * 1000) / 1000;
}

/** A file of 120 times the events of a small one, made up while it is read; and how far reading is ahead of the events. */
function longStream(
  name: string,
  small: Buffer,
  events: number,
): { stream: AsyncGenerator<Uint8Array>; ahead: (events: number) => number } {
  const times = 120;
  let read = 0;
  const [head, body] = split(name, small, events * times);
  const stream = (async function* () {
    yield head;
    for (let i = 0; i < times; i++) {
      read += body.length;
      yield later(name, body, i);
    }
  })();
  return { stream, ahead: (done) => read - (done / events) * body.length };
}

/** The header, changed to announce so many events, and the events. */
function split(name: string, file: Buffer, events: number): [Buffer, Buffer] {
  if (name.startsWith('.tact')) return [Buffer.alloc(0), file];
  if (name === 'CSV') return cutAt(file, file.indexOf('\n') + 1);
  if (name === 'AEDAT 3.1') return cutAt(file, file.indexOf('END-HEADER') + 12);
  const [head, body] = cutAt(file, 200);
  const changed = Buffer.from(head);
  const bytes = events * (taxels + 1) * 8;
  changed.writeUInt32LE(64 + bytes, 132);
  changed.writeUInt32LE(events, 164);
  changed.writeUInt32LE(bytes, 196);
  return [changed, body];
}

function cutAt(file: Buffer, at: number): [Buffer, Buffer] {
  return [file.subarray(0, at), file.subarray(at)];
}

/** The same events, `i` times 0.1 s later. */
function later(name: string, body: Buffer, i: number): Buffer {
  const lines = (change: (line: string) => string): Buffer =>
    Buffer.from(body.toString('latin1').trimEnd().split('\n').map(change).join('\n').concat('\n'), 'latin1');
  const tenths = (text: string): string => `${Math.floor(i / 10)}.${i % 10}${text}`;
  if (name === '.tact') return lines((line) => line.replace(/0\.0(\d+)$/, (_, rest: string) => tenths(rest)));
  if (name === '.tact of four columns')
    return lines((line) =>
      line.replace(/0 (\d+)$/, (_, nanos) => `${Math.floor(i / 10)} ${Number(nanos) + (i % 10) * 1e8}`),
    );
  if (name === 'CSV') return lines((line) => line.replace(/^\d+/, (us) => String(Number(us) + i * 100_000)));
  const copy = Buffer.from(body);
  if (name === '.mat') {
    for (let at = taxels * 8; at < copy.length; at += (taxels + 1) * 8)
      copy.writeDoubleLE(copy.readDoubleLE(at) + i / 10, at);
    return copy;
  }
  for (let at = 0; at < copy.length; ) {
    const number = copy.readInt32LE(at + 20);
    for (let event = at + 28; event < at + 28 + number * 8; event += 8)
      copy.writeInt32LE(copy.readInt32LE(event + 4) + i * 100_000, event + 4);
    at += 28 + number * 8;
  }
  return copy;
}

describe('captures', () => {
  async function readBack(bytes: Uint8Array): Promise<Recording & { close(): Promise<void> }> {
    const path = join(folder, 'a.capture');
    writeFileSync(path, bytes);
    const capture = await CaptureSequence.open(path);
    return { ...(await readCapture(capture, tefDriver())), close: () => capture.close() };
  }

  test('events come back, with the time of day', async () => {
    const origins = fc.constantFrom(0, 1_784_177_470);
    await fc.assert(
      fc.asyncProperty(eventRows(taxels, 1000), origins, fc.nat(100_000), async (all, originS, startS) => {
        const rows = all.map(([tUs, ...rest]): Row => [tUs + startS * 1e6, ...rest]);
        const { bytes, notes } = await written(writeCapture, { taxels, originS }, rows);
        assert.deepEqual(notes, []);
        const again = await readBack(bytes);
        assert.deepEqual(again.about, { taxels, originS });
        assert.deepEqual(await rowsOf(again), rows);
        assert.deepEqual(again.notes?.(), []);
        await again.close();
      }),
      { numRuns: 40 },
    );
  });

  test('nanoseconds are rounded, which is said; a silence of days is refused', async () => {
    const { notes } = await written(writeCapture, { taxels, originS: 0 }, [
      [1.016, 3, 1],
      [2, 3, 1],
    ]);
    assert.deepEqual(notes, ['a capture holds whole microseconds: the times of 1 of 2 events were rounded']);
    await assert.rejects(
      written(writeCapture, { taxels, originS: 0 }, [
        [0, 1, 1],
        [90_000e6, 1, 1],
      ]),
      /a silence of 25 hours before the event at 90000 s: are the times right\?/,
    );
    assert.throws(
      () => writeCapture({ write: async () => {}, patch: async () => {} }, { originS: 0 }),
      /--taxels/,
    );
  });
});
