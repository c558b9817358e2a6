/** The formats of recordings against files of other programs, and against damage. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Chunks,
  type Recording,
  readAedat,
  readCsv,
  readMat5,
  readTact,
  writeAedat,
  writeCsv,
  writeMat5,
  writeTact,
} from '../../../../devices/index.js';
import { piecesOf, type Row, rowsOf, textFile, written } from '../../../support/event-streams.js';
import * as fc from '../../../support/fast-check.js';

const read = async (opening: Promise<Recording>): Promise<Row[]> => rowsOf(await opening);

describe('.tact', () => {
  test('three columns, and four', async () => {
    const three = await readTact(textFile('1 11 0.539268\n0 80 1.5\r\n\n1 1 1.500000001\n'));
    assert.deepEqual(three.about, { taxels: 80, originS: 0 });
    assert.deepEqual(await rowsOf(three), [
      [539_268, 10, 1],
      [1_500_000, 79, 0],
      [1_500_000.001, 0, 1],
    ]);
    assert.deepEqual(await read(readTact(textFile('1 3 12 500\n0 4 12 7000001'))), [
      [12_000_000.5, 2, 1],
      [12_007_000.001, 3, 0],
    ]);
  });

  test('times since 1970 are exact, and written as they were', async () => {
    const text = '1 2 1595000000.000000123\n0 2 1595000000.250000\n';
    const recording = await readTact(textFile(text));
    assert.equal(recording.about.originS, 1_595_000_000);
    const rows = await rowsOf(recording);
    assert.deepEqual(rows, [
      [0.123, 1, 1],
      [250_000, 1, 0],
    ]);
    const { bytes, notes } = await written(writeTact, { originS: 1_595_000_000 }, rows);
    assert.equal(bytes.toString(), text);
    assert.deepEqual(notes, []);
  });

  test('what is wrong is told with its line', async () => {
    const wrong: [string, RegExp][] = [
      ['1 5 0.1\n1 5\n', /^line 2: has 2 columns: a \.tact file has 3 .* or 4/],
      ['2 5 0.1\n', /^line 1: polarity is "2", not 0 or 1$/],
      ['1 5 0.1\n\n1 81 0.2\n', /^line 3: cell 81 is not within 1\.\.80$/],
      ['1 0 0.1\n', /^line 1: cell 0 is not within 1\.\.80$/],
      ['1 x 0.1\n', /^line 1: cell is "x"/],
      ['1 5 nan\n', /^line 1: time is "nan", not a number of seconds$/],
      [
        '1 5 0.2\n1 5 0.1\n',
        /^line 2: time goes back by 100000 us; events must be in the order of time: sort them$/,
      ],
      ['1 5 3 1000000000\n', /^line 1: nanoseconds are "1000000000"/],
      ['1 5 3.5 10\n', /^line 1: seconds are "3\.5", not a whole number/],
      [`1 5 ${'1'.repeat(5000)}`, /^byte 0: a line of more than 4096 bytes: is this text\?$/],
    ];
    for (const [text, message] of wrong)
      await assert.rejects(read(readTact(textFile(text))), { name: 'RecordingError', message });
  });
});

describe('CSV', () => {
  test('columns by name, in any order and unit', async () => {
    const text =
      '\u00ef\u00bb\u00bfpolarity, force ,Taxel,t_ns\n1,x,3,1500\n-1,,0,2000000001\n0,y,2,1784177470000000000\n';
    const expected = [
      [1.5, 3, 1],
      [2_000_000.001, 0, 0],
      [1_784_177_470e6, 2, 0],
    ];
    assert.deepEqual(await read(readCsv(textFile(text))), expected);
    assert.deepEqual(await read(readCsv(textFile('t_s,taxel,polarity\n1e-3,1,1\n0.0025,1,0'))), [
      [1000, 1, 1],
      [2500, 1, 0],
    ]);
  });

  test('is written with what it does not hold', async () => {
    const about = { originS: 2, taxels: 9, sensor: "the sensor's name pad" };
    const { bytes, notes } = await written(writeCsv, about, [[5.25, 8, 1]]);
    assert.equal(bytes.toString(), 't_us,taxel,polarity\n2000005.250,8,1\n');
    assert.deepEqual(notes, ["CSV does not hold the number of taxels (9), the sensor's name pad"]);
  });

  test('what is wrong is told with its line', async () => {
    const head = 't_us,taxel,polarity\n';
    const wrong: [string, RegExp][] = [
      ['', /^line 1: must name the columns/],
      ['time,taxel,polarity\n', /^line 1: must name the columns t_us .*; is "time,taxel,polarity"$/],
      [`${head}1,2\n`, /^line 2: has 2 columns, the first line names 3$/],
      [`${head}1,2,1\n-1,2,1\n`, /^line 3: time is "-1", not a number$/],
      [`${head}1,2.5,1\n`, /^line 2: taxel is "2\.5", not a whole number$/],
      [`${head}1,70000,1\n`, /^line 2: taxel 70000 is not within 0\.\.65535$/],
      [`${head}1,2,on\n`, /^line 2: polarity is "on", not 1, 0 or -1$/],
    ];
    for (const [text, message] of wrong) await assert.rejects(read(readCsv(textFile(text))), { message });
    await assert.rejects(
      read(readCsv(textFile(`${head}1,2,1\n`), 2)),
      /^RecordingError: line 2: taxel 2 is not within 0\.\.1$/,
    );
  });
});

/** A file of scipy.io.savemat after its header of 128 bytes. */
function matFile(base64: string): Buffer {
  const head = Buffer.alloc(128, ' ');
  head.writeUInt16LE(0x100, 124);
  head.write('IM', 126);
  return Buffer.concat([head, Buffer.from(base64, 'base64')]);
}

describe('.mat', () => {
  const plain = matFile(
    'DgAAAEAAAAAGAAAACAAAAAQAAAAAAAAABQAAAAgAAAABAAAACQAAAAEABABub3RlEAAAAAkAAAB0ZXh0IGhlcmUAAAAAAAAADgAAAAgBAAAGAAAACAAAAAYAAAAAAAAABQAAAAgAAAAFAAAABQAAAAEAAAAKAAAAc3Bpa2V0cmFpbgAAAAAAAAkAAADIAAAAAAAAAAAA8D8AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAPA/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAldYm6AsuUT4AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADwv5XWJugLLmE+AAAAAAAAAAAAAAAAAAAAAAAAAAAAAPA/AAAAAAAAAAAjkv0AX2JQPwAAAAAAAAAAAAAAAAAA8L8AAAAAAAAAAAAAAAAAAAAAAAAAAAAABEA=',
  );
  const packed = matFile(
    'DwAAADsAAAB4nONjYGDIAGI2IOaA0iDACuUzATEzEDNCxfJLMlKLgDQnEBswoAMOBwj9wR5CC0D5DFBaxAEAAaMFWQ8AAABeAAAAeJzjY2Bg4GBkYGAD0QwQGgRYoXxWKAYqYeAC4uKCzOzUkqLEzDyIOk4gPsEAAx/sGYgCuNVNvab2glsv0I6A/v0QdYk41CHMV570lyE+KQDNvg/7setjcQAAcBkWHA==',
  );
  const expected = [
    [0, 0, 1],
    [0.016, 0, 1],
    [0.032, 3, 0],
    [1000.016, 2, 1],
    [2_500_000, 1, 0],
  ];

  test('files of another program, plain and compressed, with other variables before', async () => {
    for (const file of [plain, packed])
      for (const cut of [1, 37, 1000]) {
        const recording = await readMat5(piecesOf(file, cut));
        assert.deepEqual(recording.about, { taxels: 4, originS: 0 });
        assert.deepEqual(await rowsOf(recording), expected);
      }
  });

  test('what is wrong is told with its place', async () => {
    const changed = (at: number, ...bytes: number[]): Buffer => {
      const copy = Buffer.from(plain);
      copy.set(bytes, at);
      return copy;
    };
    const start = 128 + 72 + 72; // of the numbers
    const notHere = changed(248, 0x53);
    const hdf = Buffer.alloc(600, ' ');
    hdf.write('MATLAB 7.3 MAT-file, Platform: GLNXA64');
    const wrong: [Buffer, RegExp][] = [
      [Buffer.from('MATLAB'), /^byte 0: the file ends within the header: 6 of 128 bytes are there$/],
      [hdf, /^is a MATLAB 7\.3 file \(HDF5\), which is not read: save it with -v7$/],
      [changed(126, 0, 0), /^byte 126: is no MATLAB 5 file/],
      [notHere, /^has the variables note, Spiketrain, but no spiketrain: is this a file of ST-MNIST\?$/],
      [plain.subarray(0, 128), /^has no variables, but no spiketrain/],
      [plain.subarray(0, -20), /^byte 432: the file ends within spiketrain: 20 of 40 bytes are there$/],
      [packed.subarray(0, -9), /^byte \d+: the compressed variable is damaged or cut short: /],
      [changed(start, ...Buffer.alloc(8)), /^event 0: has no taxel; each has one, \+1 or -1$/],
      [changed(start + 14, 0xf0, 0x3f), /^event 0: has more than one taxel/],
      [changed(start + 7, 0x40), /^event 0: has the value [\d.e-]+ as its taxel/],
      [changed(start + 38, 0xf0, 0xbf), /^event 0: its time is -1 s/],
      [changed(start + 38, 0xf0, 0x3f), /^event 1: time goes back by/],
      [changed(216, 9), /^spiketrain is no array of real doubles, but of class 9$/],
      [changed(232, 6), /^spiketrain is 6x5, but has 200 bytes of numbers$/],
    ];
    for (const [file, message] of wrong)
      await assert.rejects(read(readMat5(piecesOf(file))), (error: Error) => {
        assert.match(error.message, message);
        return error.name === 'RecordingError';
      });
  });

  test('is written as another program writes it', async () => {
    const { bytes, notes } = await written(
      writeMat5,
      { taxels: 4, originS: 0 },
      expected as unknown as Row[],
    );
    assert.deepEqual(notes, []);
    assert.deepEqual(bytes.subarray(128), plain.subarray(128 + 72));
  });
});

describe('AEDAT 3.1', () => {
  const head =
    '#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DVS128\r\n#Start-Time: 2017-01-01 00:00:00 (TZ+0100)\r\n#!END-HEADER\r\n';

  function packet(type: number, overflow: number, events: readonly (readonly [number, number])[]): Buffer {
    const bytes = Buffer.alloc(28 + events.length * 8);
    bytes.writeInt16LE(type, 0);
    bytes.writeInt16LE(1, 2);
    for (const [i, value] of [8, 4, overflow, events.length, events.length, events.length].entries())
      bytes.writeInt32LE(value, 4 + 4 * i);
    for (const [i, [word, time]] of events.entries()) {
      bytes.writeUInt32LE(word, 28 + 8 * i);
      bytes.writeInt32LE(time, 32 + 8 * i);
    }
    return bytes;
  }

  const word = (x: number, y: number, polarity: number, valid = 1): number =>
    x * 2 ** 17 + y * 4 + polarity * 2 + valid;
  const file = (...packets: Buffer[]): Buffer => Buffer.concat([Buffer.from(head), ...packets]);

  test('polarity events of a camera; other packets and invalid events are passed over and said', async () => {
    const bytes = file(
      packet(0, 0, [[1, 2]]),
      packet(1, 0, [
        [word(5, 2, 1), 1000],
        [word(1, 1, 1, 0), 1001],
        [word(127, 127, 0), 2 ** 31 - 1],
      ]),
      packet(1, 1, [[word(0, 3, 0), 7]]),
    );
    const recording = await readAedat(piecesOf(bytes, 13));
    assert.deepEqual(recording.about, { taxels: 16_384, size: { width: 128, height: 128 }, originS: 0 });
    assert.deepEqual(await rowsOf(recording), [
      [1000, 2 * 128 + 5, 1],
      [2 ** 31 - 1, 16_383, 0],
      [2 ** 31 + 7, 3 * 128, 0],
    ]);
    assert.deepEqual(recording.notes?.(), [
      '1 events of type 0, which are no polarity events, were passed over',
      '1 events that the file marks as invalid were left out',
    ]);
  });

  test('what is wrong is told with its place', async () => {
    const wrong: [Buffer, RegExp][] = [
      [Buffer.from('#!AER-DAT2.0\r\n'), /^byte 0: is no AEDAT 3\.1 file: it begins with "#!AER-DAT2\.0"/],
      [Buffer.from('#!AER-DAT3.1\r\n#Format: RAW\r\n'), /^byte 28: the header has no #!END-HEADER$/],
      [Buffer.from('#!AER-DAT3.1\r\n#Format: PNGFrames\r\n'), /format PNGFrames is not supported, only RAW$/],
      [Buffer.from('#!AER-DAT3.1\r\n#!END-HEADER\r\n'), /how many pixels there are: give them with --size/],
      [file(packet(1, 0, [[word(128, 0, 1), 5]])), /^byte 133: pixel \(128, 0\) is outside of 128x128$/],
      [
        file(packet(1, 0, [[word(1, 0, 1), 5]]).subarray(0, 33)),
        /^byte 133: the file ends within a packet of events/,
      ],
      [file(packet(1, 0, []).subarray(0, 20)), /^byte 105: the file ends within a packet header: 20 of 28/],
      [file(packet(-3, 0, [])), /^byte 105: no packet header: type -3/],
    ];
    for (const [bytes, message] of wrong) await assert.rejects(read(readAedat(piecesOf(bytes))), { message });
  });

  test('a size that does not fit is refused', () => {
    const output = { write: async () => {}, patch: async () => {} };
    const about = { originS: 0, taxels: 39, size: { width: 4, height: 9 } };
    assert.throws(() => writeAedat(output, about), /--size 4x9 is 36 pixels, the recording has 39 taxels/);
    assert.throws(() => writeAedat(output, { originS: 0 }), /give --size or --taxels/);
  });
});

test('random bytes are an error in words or events, never anything else', async () => {
  const readers: ((chunks: Chunks) => Promise<Recording>)[] = [
    readTact,
    readCsv,
    readMat5,
    (c) => readAedat(c),
  ];
  const heads = [
    '',
    't_us,taxel,polarity\n',
    '#!AER-DAT3.1\r\n#Source 1: a 9x9\r\n#!END-HEADER\r\n',
    `${' '.repeat(124)}\0\x01IM`,
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 300 }), async (head, tail) => {
      for (const reader of readers) {
        const bytes = Buffer.concat([Buffer.from(head, 'latin1'), tail]);
        await read(reader(piecesOf(bytes))).catch((error: Error) =>
          assert.equal(error.name, 'RecordingError', error.stack),
        );
      }
    }),
    { numRuns: 150 },
  );
});
