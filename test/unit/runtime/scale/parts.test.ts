import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCorrelation, writeCorrelation } from '../../../../runtime/scale/correlation.js';
import { InOrder } from '../../../../runtime/scale/in-order.js';
import { Outstanding } from '../../../../runtime/scale/outstanding.js';
import { MAX_WORKERS, Roster } from '../../../../runtime/scale/roster.js';
import * as fc from '../../../support/fast-check.js';

test('whatever the order in which work is done, it is dealt with in the order in which it was begun', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat(20), { minLength: 1 }), async (order) => {
      const inOrder = new InOrder();
      const dealt: number[] = [];
      const done = order.map(() => inOrder.begin());
      const drained = inOrder.drained();
      const places = order.map((_, i) => i).sort((a, b) => order[a]! - order[b]!);
      for (const place of places) done[place]!(() => dealt.push(place));
      await drained;
      assert.deepEqual(
        dealt,
        order.map((_, i) => i),
      );
      assert.equal(inOrder.size, 0);
    }),
  );
});

test('a window ends once; a number below the next that is not open is over, one above was never given', () => {
  const outstanding = new Outstanding<string>();
  assert.deepEqual(
    ['a', 'b', 'c'].map((item) => outstanding.add(item)),
    [0, 1, 2],
  );
  assert.equal(outstanding.end(1), 'b');
  assert.equal(outstanding.end(1), undefined);
  assert.deepEqual(
    [0, 1, 2, 3].map((sequence) => outstanding.isOver(sequence)),
    [false, true, false, false],
  );
  assert.deepEqual(outstanding.entries(), [
    [0, 'a'],
    [2, 'c'],
  ]);
});

test('a correlation is read as it was written, and nothing else is one', () => {
  const key = { session: 'b7f1c2d0', sequence: 4_294_967_296 };
  assert.deepEqual(readCorrelation(writeCorrelation(key)), key);
  for (const text of [
    '',
    'b7f1c2d0',
    'b7f1c2d0:',
    'b7f1c2d0:-1',
    'b7f1c2d0:01',
    'B7F1C2D0:1',
    'b7f1c2d0:1\n',
    `b7f1c2d0:${'9'.repeat(40)}`,
  ])
    assert.equal(readCorrelation(Buffer.from(text)), undefined, text);
  assert.equal(readCorrelation(undefined), undefined);
});

test('a roster has a bound, and workers that it knows may still change', () => {
  const roster = new Roster();
  const model = (engine: string) => ({
    ...{ sha256: 'ab', engine, mode: 'simd', verified: 1 },
    median_us: 1,
    longest_us: 1,
  });
  for (let i = 0; i < MAX_WORKERS; i++) assert.ok(roster.set(`w${i}`, []));
  assert.ok(!roster.set('one-more', [model('event')]));
  assert.equal(roster.find('ab'), undefined);
  assert.ok(roster.set('w3', [model('gpu')]));
  assert.equal(roster.find('ab')?.engine, 'gpu');
  assert.equal(roster.find('ab', 'w4'), undefined);
  assert.ok(roster.delete('w3'));
  assert.ok(!roster.delete('w3'));
  assert.equal(roster.find('ab'), undefined);
});
