import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidArgumentError } from 'commander';
import { collect, integer, integers, number } from '../../../../runtime/cli/options.js';

function refuses(parse: (text: string) => unknown, texts: readonly string[], message: RegExp): void {
  for (const text of texts)
    assert.throws(
      () => parse(text),
      (error: unknown) => error instanceof InvalidArgumentError && message.test(error.message),
      `'${text}' was taken`,
    );
}

test('integer: whole numbers within the bounds, and nothing else', () => {
  const parse = integer(1, 10);
  assert.deepEqual(['1', '10', ' 7 ', '1e1'].map(parse), [1, 10, 7, 10]);
  refuses(
    parse,
    ['0', '11', '2.5', '', ' ', 'x', '3x', 'NaN', 'Infinity'],
    /^must be an integer from 1 to 10\.$/,
  );
  refuses(integer(0), ['', '-1', '1e300'], /of at least 0/);
});

test('number: within the bounds, and nothing else', () => {
  const parse = number(0.1, 100);
  assert.deepEqual(['0.1', '1e2', '2'].map(parse), [0.1, 100, 2]);
  refuses(
    parse,
    ['0', '101', '', ' ', 'x', 'NaN', 'Infinity', '-Infinity'],
    /^must be a number from 0\.1 to 100\.$/,
  );
  refuses(number(0), ['-1e-9', 'Infinity'], /of at least 0/);
});

test('integers: a list, empty for an empty text', () => {
  assert.deepEqual(integers(1)('128,256'), [128, 256]);
  assert.deepEqual(integers(1)(''), []);
  refuses(integers(1), ['128,', '1,,2', '0', '1,x', '1;2'], /must be an integer/);
});

test('collect: one value each time', () => {
  assert.deepEqual(collect('b', collect('a', undefined)), ['a', 'b']);
});
