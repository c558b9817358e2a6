import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { eventsFrom, TefDecoder, TefEncoder } from '../../../../devices/index.js';
import { needsFiles, shared } from '../../../support/paths.js';
import { fromHex, hello, Recorder, toHex } from '../../../support/tef.js';

/** An encoder whose next frame has the given number. */
function encoderAt(seq: number): TefEncoder {
  const encoder = new TefEncoder();
  for (let i = 0; i < seq; i++) encoder.describe();
  return encoder;
}

function decode(hex: string, from: 'device' | 'host' = 'device'): Recorder {
  const decoder = new TefDecoder({ taxels: 39, tickNs: 1000, from });
  const recorder = new Recorder();
  decoder.push(fromHex(hex), recorder);
  assert.equal(decoder.accepted, fromHex(hex).length);
  return recorder;
}

const vectors = {
  events: '0311010103e803010201084c054da702a0c400',
  empty: '021101010101010103594b00',
  wrap: '0411ffff06f0ffffff0b050c202ffd00',
  ping: '031c0707efbeaddef4a800',
  hello:
    '0210010754454631e80301022702030e7856341201020304050607080101' + '12d4c3b2a10a6e6575746f75636833390f6e00',
};

test('EVENTS', () => {
  const events = [
    [1000, 0, 1],
    [1005, 38, 0],
    [1300, 38, 1],
  ] as const;
  assert.equal(toHex(encoderAt(1).events(eventsFrom(events))), vectors.events);
  assert.deepEqual(decode(vectors.events).calls, [['events', events.map((row) => [...row])]]);
});

test('EVENTS without an event', () => {
  assert.equal(toHex(encoderAt(0).events(eventsFrom([]))), vectors.empty);
  assert.deepEqual(decode(vectors.empty).calls, [['advance', 0]]);
});

test('EVENTS over the end of the 32-bit clock', () => {
  const base = 0xffff_fff0;
  const events = [
    [base, 5, 1],
    [base + 0x20, 6, 0],
  ] as const;
  assert.equal(toHex(encoderAt(0xffff).events(eventsFrom(events))), vectors.wrap);
  assert.deepEqual(decode(vectors.wrap).calls, [['events', events.map((row) => [...row])]]);
});

test('PING', () => {
  assert.equal(toHex(encoderAt(7).ping(0xdeadbeef)), vectors.ping);
  assert.deepEqual(decode(vectors.ping, 'host').calls, [
    ['command', { type: 'ping', seq: 7, nonce: 0xdeadbeef }],
  ]);
});

test('HELLO', () => {
  assert.equal(toHex(new TefEncoder().hello(hello)), vectors.hello);
  assert.deepEqual(decode(vectors.hello).calls, [['hello', hello, false]]);
});

const file = shared('reference', 'vectors.json');
test('the vectors of the reference file are these', { skip: needsFiles(file) }, () => {
  const reference = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  const { tef_events, tef_empty, tef_wrap } = reference;
  assert.deepEqual([tef_events, tef_empty, tef_wrap], [vectors.events, vectors.empty, vectors.wrap]);
});
