import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cobsEncode } from '../../../../devices/codec/cobs.js';
import { crc16 } from '../../../../devices/codec/crc16.js';
import {
  eventsFrom,
  TefDecoder,
  type TefDecoderOptions,
  TefEncoder,
  tefSink,
} from '../../../../devices/index.js';
import { concat, hello, Recorder } from '../../../support/tef.js';

const known: TefDecoderOptions = { taxels: 39, tickNs: 1000 };
const one = eventsFrom([[5000, 3, 1]]);

/** Wire bytes of any payload, with the right CRC. */
function frame(...payload: number[]): Uint8Array {
  const crc = crc16(Uint8Array.from(payload));
  const content = Uint8Array.from([...payload, crc & 0xff, crc >> 8]);
  const out = new Uint8Array(content.length + 8);
  const end = cobsEncode(content, content.length, out, 0);
  return out.slice(0, end + 1);
}

/** Decodes and checks that each byte is accounted for. */
function decode(bytes: Uint8Array, options = known): Recorder {
  const recorder = new Recorder();
  const decoder = new TefDecoder(options);
  decoder.push(bytes, recorder);
  assert.equal(decoder.accepted + recorder.discardedBytes + decoder.buffered, bytes.length);
  return recorder;
}

function repeat(byte: number, count: number): Uint8Array {
  return new Uint8Array(count).fill(byte);
}

describe('damage costs the frame it is in', () => {
  const encoder = new TefEncoder();
  const good = encoder.events(one);
  const next = encoder.events(one);
  const cases: [string, Uint8Array, string][] = [
    ['a flipped bit', good.map((byte, i) => (i === 5 ? byte ^ 0x10 : byte)), 'crc'],
    ['a lost byte', good.filter((_, i) => i !== 3), 'crc'],
    ['a run that the delimiter cuts', Uint8Array.of(9, 1, 2, 0), 'cobs'],
    ['a lost delimiter', good.subarray(0, good.length - 1), 'crc'],
    ['another version', frame(0x21, 0, 0, 0, 0, 0, 0, 0), 'version'],
    ["the other side's type", frame(0x18, 0, 0), 'type'],
    ['a frame shorter than a header', frame(0x11, 0), 'body'],
    ['events that end in the middle', frame(0x11, 0, 0, 0, 0, 0, 0, 0, 4), 'body'],
    ['a varint that does not end', frame(0x11, 0, 0, 0, 0, 0, 0, 0, 4, 0x80), 'body'],
    ['a varint of more than 32 bits', frame(0x11, 0, 0, 0, 0, 0, 0, 0, 4, 255, 255, 255, 255, 0x7f), 'body'],
    ['a distance of 2^31 ticks', frame(0x11, 0, 0, 0, 0, 0, 0, 0, 4, 0x80, 0x80, 0x80, 0x80, 8), 'body'],
    ['a scan that promises too much', frame(0x12, 0, 0, 0, 0, 0, 0, 0, 1, 3, 4, 6), 'body'],
    ['a HELLO of another protocol', frame(0x10, ...new Array(40).fill(1)), 'body'],
    ['a STATUS cut short', frame(0x14, 0, 0, 1, 2, 3), 'body'],
    ['an uptime of 2^63 ticks', frame(0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 128, ...repeat(0, 12)), 'body'],
    ['text where a frame should be', new TextEncoder().encode('hello\r\n\0'), 'cobs'],
  ];
  for (const [name, bytes, reason] of cases) {
    test(`${name}: ${reason}`, () => {
      const recorder = decode(concat(good, bytes, next, good));
      const expected = name === 'a lost delimiter' ? bytes.length + next.length : bytes.length;
      assert.deepEqual(recorder.only('discard'), [['discard', reason, expected]]);
      assert.equal(recorder.eventRows.length, name === 'a lost delimiter' ? 2 : 3);
    });
  }
});

describe('memory is bounded', () => {
  test('512 bytes without a delimiter are given up, piece by piece, until the next delimiter', () => {
    const good = new TefEncoder().events(one);
    const recorder = decode(concat(repeat(1, 1300), Uint8Array.of(0), good));
    const pieces = [512, 512, 277].map((bytes) => ['discard', 'oversize', bytes]);
    assert.deepEqual(recorder.only('discard'), pieces);
    assert.equal(recorder.eventRows.length, 1);
  });

  test('511 bytes and a delimiter are still a frame, 512 are not', () => {
    assert.equal(decode(concat(repeat(1, 511), Uint8Array.of(0))).discarded.crc, 512);
    assert.equal(decode(concat(repeat(1, 512), Uint8Array.of(0))).discarded.oversize, 513);
  });

  test('the chunks are not changed', () => {
    const bytes = new TefEncoder().events(one);
    const copy = bytes.slice();
    decode(bytes);
    assert.deepEqual(bytes, copy);
  });
});

test('delimiters without a frame are legal fill', () => {
  const recorder = decode(concat(repeat(0, 3), new TefEncoder().events(one), repeat(0, 2)));
  assert.deepEqual(recorder.calls, [['events', [[5000, 3, 1]]]]);
});

test('events of taxels that do not exist are counted and left out, the others keep their times', () => {
  const bytes = new TefEncoder().events(
    eventsFrom([
      [10, 1, 1],
      [20, 39, 1],
      [30, 65535, 0],
      [40, 38, 0],
    ]),
  );
  const expected = [
    [10, 1, 1],
    [40, 38, 0],
  ];
  assert.deepEqual(decode(bytes).calls, [
    ['reject', 'taxel', 2],
    ['events', expected],
  ]);
});

test('a scan gives the same events as single ones', () => {
  const batch = eventsFrom(Array.from({ length: 600 }, (_, i) => [Math.floor(i / 30) * 700, i % 39, i & 1]));
  assert.deepEqual(
    decode(new TefEncoder({ frameBytes: 64 }).scan(batch)).eventRows,
    decode(new TefEncoder().events(batch)).eventRows,
  );
});

test('frames missing by number, and events dropped by the device, are gaps', () => {
  const encoder = new TefEncoder();
  const first = encoder.events(one);
  encoder.events(one);
  encoder.events(one);
  const second = encoder.events(one, { dropped: 7 });
  const recorder = decode(concat(first, second, first));
  assert.deepEqual(recorder.only('gap'), [
    ['gap', 'frames', 2],
    ['gap', 'events', 7],
    ['gap', 'frames', 1],
  ]);
});

test('before HELLO events are of no use, unless taxels and tick are configured', () => {
  const encoder = new TefEncoder();
  const bytes = concat(encoder.events(one), encoder.hello(hello), encoder.events(one));
  assert.deepEqual(decode(bytes, {}).calls, [
    ['reject', 'unidentified', 1],
    ['hello', hello, false],
    ['events', [[5000, 3, 1]]],
  ]);
});

test('the tick of HELLO scales times, and its number of taxels bounds indices', () => {
  const encoder = new TefEncoder({ tickNs: 10_000 });
  const batch = eventsFrom([
    [40, 1, 1],
    [70, 4, 1],
  ]);
  const bytes = concat(encoder.hello({ ...hello, tickNs: 10_000, taxels: 4 }), encoder.events(batch));
  assert.deepEqual(decode(bytes, {}).only('events', 'reject'), [
    ['reject', 'taxel', 1],
    ['events', [[40, 1, 1]]],
  ]);
});

test('a new boot id is an epoch and no gap', () => {
  const before = new TefEncoder();
  const after = new TefEncoder();
  const bytes = concat(
    before.hello(hello),
    before.events(eventsFrom([[9e6, 1, 1]])),
    after.hello({ ...hello, bootId: 5 }),
    after.events(one),
  );
  const calls = decode(bytes, {}).calls.map(([method]) => method);
  assert.deepEqual(calls, ['hello', 'events', 'epoch', 'hello', 'events']);
});

test('a STATUS whose uptime goes back is an epoch', () => {
  const encoder = new TefEncoder();
  const status = { events: 0, dropped: 0, overruns: 0 };
  const bytes = concat(
    encoder.status({ ...status, uptimeTicks: 7e6 }),
    encoder.status({ ...status, uptimeTicks: 1000 }),
  );
  assert.deepEqual(decode(bytes).only('advance', 'epoch'), [['advance', 7e6], ['epoch'], ['advance', 1000]]);
});

test('STATUS tells how often the 32-bit clock has wrapped, without a jump of time', () => {
  const wraps = 3 * 2 ** 32;
  const encoder = new TefEncoder();
  const status = { events: 0, dropped: 0, overruns: 0 };
  const bytes = concat(
    encoder.events(eventsFrom([[wraps + 100, 1, 1]])),
    encoder.status({ ...status, uptimeTicks: wraps + 200 }),
    encoder.events(eventsFrom([[wraps + 300, 1, 1]])),
    encoder.status({ ...status, uptimeTicks: wraps + 2 ** 33 + 400 }),
    encoder.events(eventsFrom([[wraps + 2 ** 33 + 500, 1, 1]])),
  );
  const times = decode(bytes)
    .only('events', 'advance')
    .map(([method, value]) => (method === 'advance' ? value : (value as number[][])[0]![0]));
  assert.deepEqual(times, [100, 200, 300, 2 ** 33 + 400, 2 ** 33 + 500]);
});

test('PONG tells its times on the same scale as events have, before and after the first of them', () => {
  const wraps = 3 * 2 ** 32;
  const encoder = new TefEncoder();
  const pong = (tick: number) => encoder.pong({ nonce: 1, rxTicks: tick, txTicks: tick + 1 });
  const event = (tick: number) => encoder.events(eventsFrom([[tick, 1, 1]]));
  const times = (...frames: Uint8Array[]): number[] => {
    const seen: number[] = [];
    new TefDecoder(known).push(
      concat(...frames),
      tefSink({ events: ({ tUs }) => seen.push(tUs[0]!), pong: (_, rxUs, txUs) => seen.push(rxUs, txUs) }),
    );
    return seen;
  };
  assert.deepEqual(times(event(wraps + 100), pong(wraps + 200), event(wraps + 300)), [100, 201, 201, 300]);
  const asked = times(pong(wraps + 200), event(wraps + 100), event(wraps + 300));
  assert.deepEqual(
    asked,
    [201, 201, 100, 300].map((tick) => wraps + tick),
  );
});

test('times go on over many wraps without any STATUS', () => {
  const encoder = new TefEncoder();
  const times = Array.from({ length: 12 }, (_, i) => i * 1.9e9);
  const bytes = concat(...times.map((time) => encoder.events(eventsFrom([[time, 1, 1]]))));
  assert.deepEqual(
    decode(bytes).eventRows.map(([time]) => time),
    times,
  );
});

describe('the other frames come back as they were sent', () => {
  const encoder = new TefEncoder();
  const status = { uptimeTicks: 2 ** 40 + 5, events: 0xffff_ffff, dropped: 2, overruns: 3 };
  const pong = { nonce: 0xdeadbeef, rxTicks: 2 ** 33 + 1, txTicks: 2 ** 33 + 2 };
  const cases: [string, Uint8Array, unknown[]][] = [
    ['STATUS', encoder.status(status), ['status', status]],
    ['PONG', encoder.pong(pong), ['pong', pong]],
    ['ACK', encoder.ack({ seq: 0xfffe, status: 3 }), ['ack', { seq: 0xfffe, status: 3 }]],
    ['LOG', encoder.log('täxel 3 is stuck'), ['log', 'täxel 3 is stuck']],
    ['LEVELS', encoder.levels(123, 4, [0, -1, 4095]), ['levels', 123, 4, [0, -1, 4095]]],
  ];
  for (const [name, bytes, call] of cases) test(name, () => assert.deepEqual(decode(bytes).calls[0], call));

  for (const levels of ['u8', 'u16'] as const)
    test(`LEVELS as ${levels}, split over frames`, () => {
      const values = Array.from({ length: 200 }, (_, i) => i);
      const bytes = new TefEncoder({ levels, frameBytes: 64 }).levels(50, 0, values);
      const calls = decode(bytes, { ...known, levels }).only('levels');
      assert.ok(calls.length > 3);
      assert.deepEqual(
        calls.flatMap(([, , , part]) => part),
        values,
      );
      assert.ok(calls.every(([, time]) => time === 50));
    });
});

test('the commands of a host', () => {
  const encoder = new TefEncoder();
  const bytes = concat(
    encoder.describe(),
    encoder.start(3, 2000),
    encoder.stop(),
    encoder.config(9, Uint8Array.of(1, 0, 2)),
    encoder.ping(77),
    encoder.clockZero(),
    encoder.keyframe(),
    encoder.reboot(),
  );
  const commands = decode(bytes, { from: 'host' }).calls.map(([, command]) => command);
  assert.deepEqual(commands, [
    { type: 'describe', seq: 0 },
    { type: 'start', seq: 1, stream: 3, flushUs: 2000 },
    { type: 'stop', seq: 2 },
    { type: 'config', seq: 3, key: 9, value: Uint8Array.of(1, 0, 2) },
    { type: 'ping', seq: 4, nonce: 77 },
    { type: 'clockZero', seq: 5 },
    { type: 'keyframe', seq: 6 },
    { type: 'reboot', seq: 7 },
  ]);
});

test('reset discards the unfinished frame and forgets the numbering', () => {
  const recorder = new Recorder();
  const decoder = new TefDecoder(known);
  const encoder = new TefEncoder();
  decoder.push(encoder.events(one), recorder);
  decoder.push(encoder.events(one).subarray(0, 5), recorder);
  assert.equal(decoder.buffered, 5);
  decoder.reset(recorder);
  decoder.push(new TefEncoder().events(one), recorder);
  assert.deepEqual(
    recorder.calls.map(([method, reason]) => (method === 'discard' ? reason : method)),
    ['events', 'partial', 'events'],
  );
});
