import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpikeLists } from '../../../../models/engine/gpu/by-layer/spike-lists.js';
import { blockCount, sumBlock } from '../../../../models/network/summation.js';
import * as fc from '../../../support/fast-check.js';

/** The rows back from the lists, each entry checked to stand in its block. */
function rowsOf({ start, index, rows }: SpikeLists, inputs: number): number[][] {
  const blocks = blockCount(inputs);
  return Array.from({ length: rows }, (_, row) => {
    const found: number[] = [];
    for (let block = 0; block < blocks; block++) {
      const at = row * blocks + block;
      const entries = [...index.subarray(start[at]!, start[at + 1]!)];
      assert.ok(entries.every((i) => Math.floor(i / sumBlock) === block));
      found.push(...entries);
    }
    return found;
  });
}

test('rows come back as they were added, what was not added is empty, and lists can be filled again', () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 900 }),
    fc.integer({ min: 1, max: 6 }),
    fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat()), { maxLength: 12 }),
    (inputs, rows, fillings) => {
      const lists = new SpikeLists(rows, inputs);
      const added: number[][] = [];
      for (const [density, seed] of fillings) {
        if (added.length === rows) {
          lists.clear();
          added.length = 0;
        }
        const entries = Array.from({ length: inputs }, (_, i) => i).filter(
          (i) => ((i * 7919 + seed) % 1000) / 1000 < density,
        );
        lists.append({ index: Uint32Array.from(entries), count: entries.length });
        added.push(entries);
      }
      lists.finish();
      const empty = Array.from({ length: rows - added.length }, () => []);
      assert.deepEqual(rowsOf(lists, inputs), [...added, ...empty]);
      assert.ok(lists.capacity <= rows * inputs);
    },
  );
  fc.assert(property, { numRuns: 200, seed: 2 });
});

test('room for all inputs is made only when they are on', () => {
  const lists = new SpikeLists(32, 1000);
  assert.equal(lists.capacity, 2000);
  const all = { index: Uint32Array.from({ length: 1000 }, (_, i) => i), count: 1000 };
  for (let row = 0; row < 3; row++) lists.append(all);
  assert.equal(lists.capacity, 4000);
  for (let row = 3; row < 32; row++) lists.append(all);
  assert.equal(lists.capacity, 32_000);
});
