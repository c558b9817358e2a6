import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { probeTimestamps, timestampBits } from '../../../../devices/codec/edvs/records.js';
import { type Driver, edvsDriver } from '../../../../devices/index.js';
import { Random } from '../../../../devices/simulator/random.js';
import { integer } from '../../../support/driver-kinds.js';
import { heard } from '../../../support/driver-recorder.js';
import { concat } from '../../../support/tef.js';
import { edvsRecords, type PixelEvent, text } from '../../../support/wire-formats.js';

function said(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}

/** Events all over the sensor, some 30 us apart, from a time on. */
function pixels(count: number, fromUs: number, seed = 1): PixelEvent[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, i) => {
    const [x, y, bit] = [integer(random, 0, 127), integer(random, 0, 127), integer(random, 0, 1)];
    return { x, y, bit, tUs: fromUs + i * 30 };
  });
}

describe('which timestamps there are is found out', () => {
  for (const bits of timestampBits)
    for (const [what, events] of [
      ['all over the sensor', pixels(1500, 1000)],
      ['with upper bits set', pixels(1500, bits === 16 ? 0x8000 : 0xf000_0000)],
      ['over the end of the counter', pixels(1500, 2 ** 32 - 20_000)],
      ['of one pixel', pixels(1500, 5).map((event, i) => ({ ...event, x: 7, y: 9, bit: i & 1 }))],
    ] as const)
      test(`${bits} bits, ${what}`, () => {
        assert.equal(probeTimestamps(edvsRecords(bits, events), 0, 2048), bits);
        const recorder = heard(edvsDriver(), text('\r\n?\r\n'), edvsRecords(bits, events));
        assert.equal(recorder.eventRows.length, 1500);
        assert.equal(recorder.discardedBytes, 5);
      });
});

test('noise has none', () => {
  const random = new Random(3);
  const noise = Uint8Array.from({ length: 2048 }, () => integer(random, 0, 255));
  assert.equal(probeTimestamps(noise, 0, 2048), undefined);
});

test('pixels are pooled to cells, and the sense of the polarity bit can be turned', () => {
  const corners = [
    { x: 0, y: 0, bit: 1, tUs: 0 },
    { x: 127, y: 0, bit: 0, tUs: 1 },
    { x: 63, y: 64, bit: 1, tUs: 2 },
    { x: 127, y: 127, bit: 1, tUs: 3 },
  ];
  const bytes = edvsRecords(24, corners);
  const options = { rows: 2, columns: 4, timestampBits: 24, lockRecords: 1 } as const;
  const cells = (driver: Driver): number[][] => heard(driver, bytes).eventRows.map((row) => row.slice(1));
  assert.deepEqual(cells(edvsDriver(options)), [
    [0, 1],
    [3, 0],
    [5, 1],
    [7, 1],
  ]);
  assert.deepEqual(
    cells(edvsDriver({ ...options, onBit: 0 })).map(([, polarity]) => polarity),
    [0, 1, 0, 0],
  );
  assert.equal(edvsDriver(options).taxels, 8);
  assert.throws(() => edvsDriver({ rows: 200 }), /rows is 200; it must be a whole number in 1 \.\. 128/);
});

test('a board is asked to start anew until it says who it is, then told what to send', () => {
  const driver = edvsDriver({ mode: 'E2' });
  const asked = Array.from({ length: 5 }, () => said(driver.describe?.()));
  assert.deepEqual(asked, ['\nR\n', '\n', '\n', '\n', '\nR\n']);
  const recorder = heard(driver, text('\r\neDVS4337, V1.2\r\n'));
  assert.deepEqual(recorder.only('identity'), [['identity', { driver: 'edvs', name: 'eDVS4337, V1.2' }]]);
  assert.deepEqual(recorder.only('log'), [['log', 'eDVS4337, V1.2']]);
  assert.equal(said(driver.start?.()), '!U0\n!E2\nE+\n');
  assert.equal(said(driver.stop?.()), 'E-\n');
});

test('a board with another banner is known by its events, and is then not reset', () => {
  const driver = edvsDriver({ timestampBits: 32 });
  driver.describe?.();
  assert.deepEqual(heard(driver, edvsRecords(32, pixels(20, 0))).only('identity'), [
    ['identity', { driver: 'edvs' }],
  ]);
  assert.equal(said(driver.describe?.()), '\n');
});

test('a banner in the middle of events: the board has started again, with a clock that begins anew', () => {
  const driver = edvsDriver({ timestampBits: 32 });
  const recorder = heard(driver, text('eDVS4337\n'), edvsRecords(32, pixels(20, 5_000_000)));
  driver.push(concat(text('\r\n--- eDVS4337\r\n'), edvsRecords(32, pixels(20, 100))), recorder, 0);
  assert.deepEqual(
    recorder.merged.map(([method]) => method).filter((method) => method !== 'log' && method !== 'discard'),
    ['identity', 'events', 'epoch', 'identity', 'events'],
  );
  assert.equal(recorder.eventRows[20]?.[0], 100);
});

test('after a lost byte, records count again once eight in a row fit', () => {
  const bytes = edvsRecords(24, pixels(300, 0));
  const cut = concat(bytes.subarray(0, 502), bytes.subarray(503));
  const recorder = heard(edvsDriver({ timestampBits: 24, rows: 128, columns: 128 }), cut);
  const good = new Set(
    heard(edvsDriver({ timestampBits: 24, rows: 128, columns: 128 }), bytes).eventRows.map(String),
  );
  const found = recorder.eventRows.map(String);
  const wrong = found.filter((row) => !good.has(row));
  assert.ok(found.length > 285 && wrong.length <= 5, `${found.length} events, ${wrong.length} of them wrong`);
});
