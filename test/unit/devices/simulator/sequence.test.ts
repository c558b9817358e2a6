import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CONTACT_KINDS,
  neutouchB,
  type SequencedContact,
  type SequenceOptions,
  simulateSequence,
} from '../../../../devices/index.js';
import { crc32 } from '../../../../devices/sensor/geometry-id.js';

function sequence(options: Partial<SequenceOptions>): SequencedContact[] {
  return [...simulateSequence({ geometry: neutouchB, seed: 5, count: 7, ...options })];
}

test('contacts follow each other on one clock, with silence between them', () => {
  const contacts = sequence({ count: 14 });
  let nextUs = 500_000;
  for (const { index, startUs, nextUs: until, durationUs, events } of contacts) {
    assert.equal(startUs, nextUs, `contact ${index} starts where the one before said`);
    assert.ok(until - startUs >= 1_500_000 && until - startUs - durationUs >= 500_000);
    for (let i = 0; i < events.length; i++) {
      assert.ok(events.tUs[i]! >= (events.tUs[i - 1] ?? startUs) && events.tUs[i]! < until);
    }
    const late = events.tUs.filter((tUs) => tUs > startUs + durationUs + 50_000).length;
    assert.ok(late < 25, `${late} events in the silence`);
    nextUs = until;
  }
});

test('a contact does not depend on how many were asked for', () => {
  const short = sequence({ count: 3 });
  assert.deepEqual(short, sequence({ count: 9 }).slice(0, 3));
});

test('a sequence without a count has no end', () => {
  const endless = simulateSequence({ geometry: neutouchB, seed: 1 });
  for (let index = 0; index < 5; index++) assert.equal(endless.next().value?.index, index);
});

test('in every seven contacts each kind occurs once, in an order that changes', () => {
  const kinds = sequence({ count: 21 }).map(({ kind }) => kind);
  const blocks = [kinds.slice(0, 7), kinds.slice(7, 14), kinds.slice(14)];
  for (const block of blocks) assert.deepEqual([...block].sort(), [...CONTACT_KINDS].sort());
  assert.equal(new Set(blocks.map((block) => block.join())).size, 3);
});

test('kinds and shapes can be chosen', () => {
  const contacts = sequence({ kinds: ['tap', 'slip'], shapes: ['ring'], count: 6 });
  assert.deepEqual(contacts.map(({ kind }) => kind).sort(), ['slip', 'slip', 'slip', 'tap', 'tap', 'tap']);
  assert.ok(contacts.every(({ shape }) => shape === 'ring'));
  assert.throws(() => sequence({ kinds: [] }), /kinds is empty/);
  assert.throws(() => sequence({ shapes: [] }), RangeError);
});

test('gap, period and start can be chosen; the gap holds for long contacts too', () => {
  const [first, second] = sequence({ kinds: ['tap'], gapUs: 100_000, periodUs: 0, startUs: 7, count: 2 });
  assert.equal(first!.startUs, 7);
  assert.equal(second!.startUs, 7 + first!.durationUs + 100_000);
});

test('other seeds give other contacts', () => {
  const counts = [1, 2, 3].map((seed) => sequence({ seed, count: 1 })[0]!.events.length);
  assert.equal(new Set(counts).size, 3);
});

test('the simulator has not changed: models are trained on what it makes', () => {
  const sums = sequence({ seed: 2023, count: 7 }).map(({ events: { tUs, taxel, polarity } }) =>
    crc32(Buffer.concat([tUs, taxel, polarity].map(({ buffer }) => Buffer.from(buffer)))),
  );
  assert.equal(
    crc32(Buffer.from(sums.join())).toString(16),
    'a716d54',
    'after a wanted change: retrain the bundled model, then pin this anew',
  );
});
