import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEventBatch, eventsFrom, TefDecoder, TefEncoder } from '../../../../devices/index.js';
import { hello, Recorder } from '../../../support/tef.js';

function frameLengths(bytes: Uint8Array): number[] {
  const ends = [...bytes.keys()].filter((i) => bytes[i] === 0);
  return ends.map((end, i) => end - (i === 0 ? -1 : ends[i - 1]!));
}

test('no frame is longer than it may be, and none is shorter than it need be', () => {
  const batch = eventsFrom(Array.from({ length: 3000 }, (_, i) => [i * 3, i % 39, 1]));
  for (const frameBytes of [32, 64, 255]) {
    const lengths = frameLengths(new TefEncoder({ frameBytes }).events(batch));
    const full = lengths.slice(0, -1);
    assert.ok(Math.max(...lengths) <= frameBytes);
    assert.ok(Math.min(...full) > frameBytes - 3, `${Math.min(...full)} of ${frameBytes}`);
  }
});

test('a full frame costs 2.10 bytes an event', () => {
  const batch = eventsFrom(Array.from({ length: 120_000 }, (_, i) => [i * 3, i % 39, 1]));
  const bytes = new TefEncoder().events(batch);
  assert.equal((bytes.length / batch.length).toFixed(2), '2.10');
});

test('the wire saturates dropped events at 255', () => {
  const recorder = new Recorder();
  new TefDecoder().push(new TefEncoder().events(createEventBatch(0), { dropped: 1000 }), recorder);
  assert.deepEqual(recorder.only('gap'), [['gap', 'events', 255]]);
});

test('what cannot be sent is refused with the reason', () => {
  const encoder = new TefEncoder();
  const backwards = eventsFrom([
    [2000, 1, 1],
    [1000, 2, 1],
  ]);
  assert.throws(() => encoder.events(backwards), /event 1 is 1000 ticks earlier/);
  assert.throws(() => encoder.hello({ ...hello, uid: 'abc' }), /16 hexadecimal digits/);
  assert.throws(() => encoder.hello({ ...hello, name: 'x'.repeat(217) }), /a TEF frame holds 253 bytes/);
  assert.throws(() => encoder.config(1, new Uint8Array(300)), /a TEF frame holds 253 bytes/);
  assert.throws(() => new TefEncoder({ frameBytes: 300 }), /frameBytes must be 32 .. 255/);
  assert.throws(() => new TefEncoder({ tickNs: 0 }), /tickNs must be/);
});

test('the longest name fits, and a long line of log is cut', () => {
  const encoder = new TefEncoder();
  assert.equal(frameLengths(encoder.hello({ ...hello, name: 'x'.repeat(216) }))[0], 255);
  assert.equal(frameLengths(encoder.log('y'.repeat(999)))[0], 255);
});
