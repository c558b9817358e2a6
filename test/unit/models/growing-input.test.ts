import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GrowingInput } from '../../../models/engine/event/stream/growing-input.js';
import * as fc from '../../support/fast-check.js';

test('inputs that are added in any portions stand by step, ascending', () => {
  const cells = fc.uniqueArray(fc.nat(9 * 400 - 1), { maxLength: 2500 });
  fc.assert(
    fc.property(cells, fc.array(fc.nat(2500), { maxLength: 6 }), (all, cuts) => {
      const input = new GrowingInput(9);
      const places = [...cuts.map((cut) => cut % (all.length + 1)), all.length].sort((a, b) => a - b);
      let from = 0;
      for (const to of places) {
        input.insert(
          all.slice(from, to).map((cell) => ({ step: Math.floor(cell / 400), input: cell % 400 })),
        );
        from = to;
      }
      const found = Array.from({ length: 9 }, (_, step) =>
        [...input.index.subarray(input.start[step], input.start[step + 1])].map((i) => step * 400 + i),
      );
      assert.deepEqual(
        found.flat(),
        [...all].sort((a, b) => a - b),
      );
    }),
    { numRuns: 60 },
  );
});

test('cleared, it begins anew', () => {
  const input = new GrowingInput(2);
  input.insert([
    { step: 1, input: 3 },
    { step: 0, input: 7 },
  ]);
  input.clear();
  input.insert([{ step: 1, input: 1 }]);
  assert.deepEqual([[...input.start], input.index[0]], [[0, 0, 1], 1]);
});
