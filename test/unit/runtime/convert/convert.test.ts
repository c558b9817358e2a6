/** Conversions of files and folders. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  CaptureReader,
  CaptureRing,
  CaptureWriter,
  neutouchA,
  neutouchB,
} from '../../../../devices/index.js';
import { readRecordings } from '../../../../models/index.js';
import { type ConvertOptions, convert } from '../../../../runtime/convert/convert.js';
import { contactsOf, writeCapture } from '../../../support/capture.js';
import { writeRecordings } from '../../../support/npy.js';
import { needsFiles, shared } from '../../../support/paths.js';
import { temporaryFolder } from '../../../support/small-model.js';

const folder = temporaryFolder();
const defaults: ConvertOptions = { binUs: 20_000 };
const at = (...parts: string[]): string => join(folder, ...parts);

test('a capture through every format and back is the same events', async () => {
  await writeCapture(at('touch.capture'), contactsOf(3, 2));
  const { events, notes } = await convert(at('touch.capture'), at('touch.csv'), defaults);
  assert.ok(events > 500);
  assert.deepEqual(notes, [
    "CSV does not hold the number of taxels (39), the sensor's name neutouch39, its geometry 12345678",
  ]);
  const expected = readFileSync(at('touch.csv'), 'utf8');
  const chain = ['tact', 'mat', 'aedat', 'capture'];
  let from = at('touch.csv');
  for (const ending of chain) {
    const to = at(`chain.${ending}`);
    await convert(from, to, { ...defaults, taxels: 39 });
    from = to;
  }
  await convert(from, at('chain.csv'), defaults);
  assert.equal(readFileSync(at('chain.csv'), 'utf8'), expected);
  await convert(at('touch.csv'), at('four'), { ...defaults, to: 'tact4' });
  assert.match(readFileSync(at('four', 'touch.tact'), 'utf8'), /^[01] \d+ \d+ \d+\n/);
  await convert(at('four', 'touch.tact'), at('four.csv'), defaults);
  assert.equal(readFileSync(at('four.csv'), 'utf8'), expected);
});

test("a recorded sensor's folder is its newest run, a file of it alone is what its header tells", async () => {
  const meta = (): Record<string, unknown> => ({ taxels: 39, tickNs: 1000 });
  const ring = await CaptureRing.prepare({
    ...{ folder: at('ring'), sensor: 'f', fileBytes: 1200, files: 99, meta },
  });
  const source = await CaptureReader.open(at('touch.capture'));
  for (let record = await source.next(); record !== undefined; record = await source.next())
    ring.data(record.bytes, record.arrivalUs);
  await Promise.all([source.close(), ring.close()]);
  assert.ok(ring.written.length > 1);
  const whole = await convert(at('ring'), at('ring.csv'), defaults);
  assert.equal(readFileSync(at('ring.csv'), 'utf8'), readFileSync(at('touch.csv'), 'utf8'));
  const second = await convert(ring.written[1]!, at('second.csv'), defaults);
  assert.ok(second.events > 0 && second.events < whole.events);
  const lines = readFileSync(at('second.csv'), 'utf8').trim().split('\n').slice(1);
  assert.ok(readFileSync(at('ring.csv'), 'utf8').includes(lines.join('\n')));
});

test('a capture of another sensor is read by the driver that its header names', async () => {
  const path = at('skin.capture');
  const write = async (driver: object): Promise<void> => {
    const writer = await CaptureWriter.create(path, { startedUs: 5e6, meta: { driver } });
    await writer.write(Buffer.from('d43000006b000001', 'hex'), 5e6 + 1000);
    await writer.close();
  };
  await write({ kind: 'icub-ae' });
  await convert(path, at('skin.csv'), defaults);
  assert.match(readFileSync(at('skin.csv'), 'utf8'), /^t_us,taxel,polarity\n1000,\d+,1\n$/);
  await write({ kind: 'morse' });
  await assert.rejects(
    convert(path, at('skin.csv'), defaults),
    /skin\.capture: was recorded by a driver that is not known: \{"kind":"morse"\}/,
  );
});

describe('npy windows', () => {
  const input = { taxels: 5, channels: 2, bins: 6, binUs: 20_000 };
  const windows = [
    { label: 1, cells: [0, 13, 59] },
    { label: 0, cells: [7] },
    { label: 1, cells: [8, 9, 31] },
  ];

  test('apart: each a recording with its label, and back the same files', async () => {
    writeRecordings(at('npy'), input, windows);
    const there = await convert(at('npy'), at('apart'), { ...defaults, to: 'tact' });
    assert.deepEqual([there.recordings, there.events], [3, 7]);
    assert.deepEqual(readdirSync(at('apart')).sort(), [
      'sample_0_label_1.tact',
      'sample_1_label_0.tact',
      'sample_2_label_1.tact',
    ]);
    assert.match(readFileSync(at('apart', 'sample_1_label_0.tact'), 'utf8'), /^0 4 0\.010000\n$/);
    const back = await convert(at('apart'), at('back'), { ...defaults, to: 'npy', taxels: 5, bins: 6 });
    assert.match(back.notes.join(), /npy does not hold times within a bin of 20 ms/);
    const { names, targets, ...rest } = await readRecordings(at('back'));
    assert.deepEqual({ names, targets, ...rest }, await readRecordings(at('npy')));
  });

  test('end to end in one file, and cut again', async () => {
    await convert(at('npy'), at('joined.csv'), defaults);
    assert.match(readFileSync(at('joined.csv'), 'utf8'), /\n130000,3,0\n/);
    const { events } = await convert(at('joined.csv'), at('cut'), {
      ...{ ...defaults, to: 'npy', taxels: 5, bins: 6, label: 4 },
    });
    assert.equal(events, 7);
    const cut = await readRecordings(at('cut'));
    assert.deepEqual(cut.windows, (await readRecordings(at('npy'))).windows);
    assert.deepEqual(cut.targets, [4, 4, 4]);
    await convert(at('npy', 'sample_0_label_1.npy'), at('single.csv'), defaults);
    assert.equal(readFileSync(at('single.csv'), 'utf8').trim().split('\n').length, 4);
  });

  test('labels in words become numbers, which is said; events that share a cell are counted', async () => {
    mkdirSync(at('words'));
    for (const label of ['tap', 'press'])
      writeFileSync(at('words', `a_label_${label}.csv`), 't_us,taxel,polarity\n1,0,1\n2,0,1\n90000,1,0\n');
    const { notes } = await convert(at('words'), at('numbers'), {
      ...defaults,
      to: 'npy',
      taxels: 2,
      bins: 3,
    });
    assert.equal(notes[0], 'labels of npy are numbers: 0 is press, 1 is tap');
    assert.ok(notes.includes('1 events fell into a bin with another of their taxel and polarity'));
    assert.deepEqual(readdirSync(at('numbers')).sort(), [
      'sample_0_label_0.npy',
      'sample_1_label_0.npy',
      'sample_2_label_1.npy',
      'sample_3_label_1.npy',
    ]);
  });
});

const published = shared('data', 'Ev-Containers-train.zip');

test('the published recordings come back from captures as they were', {
  skip: needsFiles(published),
}, async () => {
  await convert(published, at('containers'), { ...defaults, to: 'capture' });
  await convert(at('containers'), at('again'), { ...defaults, to: 'npy', bins: 325 });
  const [before, after] = [await readRecordings(published), await readRecordings(at('again'))];
  assert.deepEqual(after.windows, before.windows);
  assert.deepEqual(after.targets, before.targets);
});

test('one finger of a recording of both, in the order of its geometry', async () => {
  const raw = (cell: number, t: number): string => `1 ${cell} 0.00000${t}`;
  writeFileSync(at('both.tact'), [1, 17, 40, 41, 49, 80].map((cell, i) => raw(cell, i)).join('\n'));
  const rowsOf = (file: string): string[] => readFileSync(at(file), 'utf8').trim().split('\n').slice(1);
  const a = await convert(at('both.tact'), at('a.csv'), { ...defaults, finger: 'a' });
  const rowOf = (geometry: typeof neutouchA, receptor: number): number =>
    geometry.taxels.findIndex((taxel) => taxel.raw === receptor);
  assert.deepEqual(rowsOf('a.csv'), [`0,${rowOf(neutouchA, 0)},1`, `2,${rowOf(neutouchA, 39)},1`]);
  assert.ok(a.notes.includes('1 events of a receptor that finger a does not have were left out'));
  await convert(at('both.tact'), at('b.csv'), { ...defaults, finger: 'b' });
  assert.deepEqual(rowsOf('b.csv'), [`3,${rowOf(neutouchB, 0)},1`, `5,${rowOf(neutouchB, 39)},1`]);
});

test('what cannot be done is refused with what to do, and leaves no file behind', async () => {
  writeFileSync(at('bad.tact'), '1 5 0.1\n1 5\n');
  mkdirSync(at('mixed'));
  mkdirSync(at('nothing'));
  for (const name of ['a.csv', 'b.tact']) writeFileSync(at('mixed', name), '');
  const before = readdirSync(folder).sort();
  const refusals: [string, string, Partial<ConvertOptions>, RegExp][] = [
    ['bad.tact', 'x.csv', {}, /bad\.tact: line 2: has 2 columns/],
    ['bad.tact', 'x', {}, /x: the ending tells no format: name it with --to/],
    ['bad.tact', 'x.npy', {}, /npy windows are written into a folder: name one, with --to npy/],
    ['bad.tact', 'bad.tact', { taxels: 80 }, /bad\.tact: is the input itself: name another output/],
    ['touch.csv', 'x.mat', {}, /the input does not say how many: give --taxels/],
    ['touch.csv', 'x.aedat', { taxels: 39, size: { width: 2, height: 2 } }, /--size 2x2 is 4 pixels/],
    [
      'touch.csv',
      'x.csv',
      { finger: 'a', taxels: 39 },
      /--finger takes recordings of 80 cells, this one has 39/,
    ],
    ['mixed', 'x.csv', {}, /mixed: has files of csv and tact: choose with --from/],
    ['nothing', 'x.csv', {}, /nothing: has no recordings \(files \.capture, /],
    ['apart', 'x.csv', {}, /apart: has 3 recordings: name a folder for them, with --to csv/],
    ['absent.csv', 'x.csv', {}, /ENOENT.*absent\.csv/],
    ['touch.csv', 'x.capture', { from: 'capture' }, /touch\.csv: this is no capture/],
    ['touch.csv', 'x.csv', { from: 'mat' }, /touch\.csv: byte 126: is no MATLAB 5 file/],
  ];
  for (const [from, to, options, message] of refusals)
    await assert.rejects(convert(at(from), at(to), { ...defaults, ...options }), { message });
  assert.deepEqual(readdirSync(folder).sort(), before);
});
