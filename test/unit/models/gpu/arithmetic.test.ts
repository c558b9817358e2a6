import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arithmeticOf, blockwiseSum, literal } from '../../../../models/engine/gpu/arithmetic.js';
import { sumBlock } from '../../../../models/network/summation.js';
import * as fc from '../../../support/fast-check.js';

/** The sum of network/summation.ts, as plainly as can be. */
function pairwise(values: readonly number[], bias: number): number {
  let sums: number[] = [];
  for (let from = 0; from < values.length; from += sumBlock) {
    const block = values.slice(from, from + sumBlock);
    sums.push(block.reduce((sum, value) => Math.fround(sum + value), from === 0 ? bias : 0));
  }
  while (sums.length > 1) {
    const pairs: number[] = [];
    for (let i = 0; i < sums.length; i += 2)
      pairs.push(i + 1 < sums.length ? Math.fround(sums[i]! + sums[i + 1]!) : sums[i]!);
    sums = pairs;
  }
  return sums[0]!;
}

test('the kernel adds blocks in the order of the house, for any number of blocks', () => {
  // Kernel source is JavaScript, so it can be run as such.
  const addBlock = `for (let i = b * ${sumBlock}; i < Math.min(values.length, (b + 1) * ${sumBlock}); i += 1) {
    sum = Math.fround(sum + values[i]);
  }`;
  const float = fc.float({ min: Math.fround(-1), max: 1, noNaN: true });
  const property = fc.property(
    fc.integer({ min: 1, max: 40 * sumBlock }),
    fc.array(float, { minLength: 5, maxLength: 50 }),
    float,
    (inputs, some, bias) => {
      const values = Array.from({ length: inputs }, (_, i) => some[(i * i) % some.length]!);
      const body = blockwiseSum(inputs, 'bias', arithmeticOf('cpu'), addBlock);
      assert.equal(new Function('values', 'bias', body)(values, bias), pairwise(values, bias));
    },
  );
  fc.assert(property, { numRuns: 200, seed: 1 });
});

test('a literal is a float, with the digits of the float32', () => {
  assert.deepEqual([0, 1, 0.5, 0.2, 2 ** -126].map(literal), [
    '0.0',
    '1.0',
    '0.5',
    '0.20000000298023224',
    '1.1754943508222875e-38',
  ]);
});
