/** The ring of capture files: what is kept, under which names, and what happens when a disk is full or slow. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  type CaptureFile,
  CaptureReader,
  CaptureRing,
  type CaptureRingOptions,
  CaptureSequence,
  captureFiles,
  eventsFrom,
  memoryPair,
  openSensor,
  replayTransport,
  TefEncoder,
  tappedTransport,
  tefDriver,
} from '../../../../devices/index.js';
import { hello } from '../../../support/tef.js';
import { End, pattern } from '../../../support/wire.js';

const root = mkdtempSync(join(tmpdir(), 'whorl-ring-'));
after(() => rmSync(root, { recursive: true }));

const startUs = Date.UTC(2026, 6, 27, 8, 15, 30) * 1000;
let folders = 0;

async function ring(options: Partial<CaptureRingOptions> = {}): Promise<CaptureRing> {
  const folder = join(root, `ring${folders++}`);
  return CaptureRing.prepare({ folder, sensor: 'finger-0', fileBytes: 1000, files: 3, ...options });
}

/** Everything behind a path as bytes, with `|` where a new link begins. */
async function contents(path: string): Promise<string> {
  const sequence = await CaptureSequence.open(path);
  let all = '';
  for (let record = await sequence.next(); record !== undefined; record = await sequence.next())
    all += record.newLink ? '|' : Buffer.from(record.bytes).toString('latin1');
  await sequence.close();
  return all;
}

test('files are named by sensor, date and number, are full one after the other, and the oldest is deleted', async () => {
  const folder = join(root, 'named');
  mkdirSync(folder);
  writeFileSync(join(folder, 'finger-0-20260101T000000Z-0009.capture'), 'an earlier run');
  writeFileSync(join(folder, 'finger-0-notes.txt'), 'not of the ring');
  const made = await ring({ folder, meta: () => ({ driver: 'tef' }) });
  for (let i = 0; i < 40; i++) made.data(pattern(100), startUs + i * 1000);
  await made.close();
  const names = [3, 4, 5].map((n) => `finger-0-20260727T081530Z-000${n}.capture`);
  assert.deepEqual(readdirSync(folder).sort(), [...names, 'finger-0-notes.txt']);
  assert.deepEqual(
    made.written,
    names.map((name) => join(folder, name)),
  );
  assert.deepEqual([made.bytes, made.lost, made.failed], [4000, 0, undefined]);
  assert.deepEqual(await captureFiles(folder), made.written);
  const reader = await CaptureReader.open(made.written[1]!);
  assert.deepEqual(reader.header.meta, {
    ...{ sensor: 'finger-0', run: '20260727T081530Z', sequence: 4, driver: 'tef' },
  });
  const record = await reader.next();
  assert.equal(record?.arrivalUs, reader.header.startedUs);
  await reader.close();
});

test('a folder is read as its newest run, whole and in order', async () => {
  const folder = join(root, 'runs');
  const texts = ['the first run is older', 'x'.repeat(3000)];
  for (const [i, text] of texts.entries()) {
    const made = await ring({ folder, files: 10 });
    for (let at = 0; at < text.length; at += 100)
      made.data(Buffer.from(text.slice(at, at + 100)), startUs + i * 60e6 + at);
    await made.close();
  }
  assert.equal(await contents(folder), texts[1]);
  const [, second, ...rest] = await captureFiles(folder);
  assert.ok(rest.length >= 1);
  rmSync(second!);
  assert.match(await contents(folder), /^x+\|x+$/, 'a gap begins a new link');
});

test('a clock that was set back, or a second start within a second, does not change the order of runs', async () => {
  const folder = join(root, 'clock');
  for (const [text, atUs] of [
    ['first', startUs],
    ['second', startUs + 5],
    ['third', 0],
  ] as const) {
    const made = await ring({ folder, files: 2 });
    made.data(Buffer.from(text), atUs);
    await made.close();
  }
  assert.deepEqual(readdirSync(folder).sort(), [
    'finger-0-20260727T081531Z-0001.capture',
    'finger-0-20260727T081532Z-0001.capture',
  ]);
  assert.equal(await contents(folder), 'third');
});

test('a folder without captures, or of two sensors, is refused', async () => {
  const folder = join(root, 'two');
  for (const sensor of ['a', 'b']) {
    const made = await ring({ folder, sensor });
    made.data(pattern(10), startUs);
    await made.close();
  }
  await assert.rejects(captureFiles(folder), /two: has recordings of a, b; name a file/);
  await assert.rejects(captureFiles(root), /no captures named/);
});

test('nothing is written before the first byte, and a link that was opened again is marked', async () => {
  const folder = join(root, 'links');
  const made = await ring({ folder });
  made.opened();
  made.opened();
  assert.deepEqual(readdirSync(folder), []);
  made.data(Buffer.from('one'), startUs);
  made.opened();
  made.opened();
  made.data(Buffer.from('two'), startUs + 5e9);
  made.data(Buffer.from('three'), startUs + 5e9 + 1);
  await made.close();
  assert.equal(await contents(folder), 'one|twothree');
});

/** A disk that takes so many bytes. */
function disk(room: number, files: number[] = []): (path: string) => Promise<CaptureFile> {
  return async () => {
    const mine = files.push(0) - 1;
    return {
      write: async (bytes: Uint8Array, at: number) => {
        const taken = Math.min(bytes.length - at, room);
        if (taken === 0) throw Object.assign(new Error('write'), { code: 'ENOSPC' });
        room -= taken;
        files[mine]! += taken;
        return { bytesWritten: taken };
      },
      sync: async () => {},
      close: async () => {},
    } as unknown as CaptureFile;
  };
}

test('a full disk ends the recording with what to do; what comes later is counted', async () => {
  const failures: Error[] = [];
  const made = await ring({ create: disk(1500), onFailure: (error) => failures.push(error) });
  for (let i = 0; i < 20; i++) {
    made.data(pattern(100), startUs);
    await new Promise(setImmediate);
  }
  await made.close();
  assert.equal(failures.length, 1);
  assert.match(
    failures[0]!.message,
    /-0002\.capture: the disk is full, the recording has ended; what was written before is kept/,
  );
  assert.equal(made.bytes + made.lost, 2000);
  assert.ok(made.lost >= 500 && made.bytes >= 900, `${made.bytes} ${made.lost}`);
});

test('a slow disk costs bytes that are counted, never memory', async () => {
  let go = (): void => {};
  const waiting = new Promise<void>((resolve) => {
    go = resolve;
  });
  const create = disk(1e9);
  const made = await ring({
    backlogBytes: 1000,
    create: async (path) => {
      await waiting;
      return create(path);
    },
  });
  for (let i = 0; i < 50; i++) made.data(pattern(100), startUs);
  assert.deepEqual([made.bytes, made.lost], [1000, 4000]);
  go();
  await made.close();
  assert.equal(made.failed, undefined);
});

test('a folder that cannot be made is told with its reason', async () => {
  writeFileSync(join(root, 'file'), '');
  await assert.rejects(ring({ folder: join(root, 'file', 'below') }), {
    name: 'RecordError',
    message: /file\/below: .*ENOTDIR/,
  });
});

test('a tapped link brings the same bytes to the ring and to who opened it', async () => {
  const [near, far] = memoryPair();
  const folder = join(root, 'tap');
  const made = await ring({ folder });
  const host = new End(tappedTransport(() => near, made)());
  const device = new End(far);
  await Promise.all([host.open(), device.open()]);
  await far.write(pattern(500));
  await host.until(({ length }) => length === 500);
  await host.transport.write(Uint8Array.of(7));
  await device.until(({ length }) => length === 1);
  await host.transport.close();
  await made.close();
  assert.equal(await contents(folder), Buffer.from(pattern(500)).toString('latin1'));
});

test('a replay passes from link to link: half a frame of the first does not spoil the second', async () => {
  const folder = join(root, 'relink');
  const made = await ring({ folder });
  const boot = new TefEncoder();
  made.data(boot.hello(hello), startUs);
  made.data(boot.events(eventsFrom([[1000, 3, 1]])), startUs + 1000);
  made.data(boot.events(eventsFrom([[2000, 4, 1]])).subarray(0, 9), startUs + 2000);
  made.opened();
  const again = new TefEncoder();
  made.data(again.hello({ ...hello, bootId: hello.bootId + 1 }), startUs + 9000);
  made.data(again.events(eventsFrom([[50, 5, 0]])), startUs + 9500);
  await made.close();
  const told: unknown[] = [];
  const sensor = openSensor(
    {
      transport: replayTransport({ path: folder, speed: Number.POSITIVE_INFINITY }),
      driver: tefDriver(),
      once: true,
    },
    {
      events: ({ tUs, taxel }) => told.push([tUs[0], taxel[0]]),
      advance: () => {},
      epoch: () => told.push('epoch'),
      status: () => {},
    },
  );
  await sensor.ended;
  assert.deepEqual(told, [[1000, 3], 'epoch', [50, 5], 'epoch']);
  assert.equal(sensor.counters.discarded.partial, 9);
});
