/** The short form of `npm run fuzz -- decoders`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzz } from '../../fuzz/decoders.js';
import { FuzzFailure } from '../../fuzz/fuzz.js';

test('some thousands of random and damaged streams break no promise of any driver', async () => {
  const figures = await fuzz.run({ inputs: 4000, seed: 1, progress: () => {} });
  assert.ok(figures['events']! > 100_000 && figures['frames']! > 4000, JSON.stringify(figures));
});

test('the same seed gives the same inputs', async () => {
  const options = { inputs: 300, seed: 5, progress: () => {} };
  const [first, second] = [await fuzz.run(options), await fuzz.run(options)];
  assert.deepEqual([first['bytes'], first['most_held_bytes']], [second['bytes'], second['most_held_bytes']]);
});

test('a failure says how to make it again', () => {
  assert.match(new FuzzFailure('tef: no', 77).message, /^tef: no; again with: 1 input, seed 77$/);
});
