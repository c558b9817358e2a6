/** The limits that SECURITY.md names are those of the code. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../support/paths.js';

const page = readFileSync(join(root, 'SECURITY.md'), 'utf8');
const rows = [...page.matchAll(/^\| ([^|]+) \| ([\d,]+)[^|]*\| `([^`]+)`: `([^`]+)` \|$/gm)].map(
  ([, what, limit, file, code]) => ({
    what: what!,
    limit: Number(limit!.replaceAll(',', '')),
    file: file!,
    code: code!,
  }),
);

/** The last number of a piece of code, which may be a product or a power: `fileBytes: 512 * 2 ** 20`. */
function lastNumber(code: string): number {
  const [, text] = /([\d_]+(?: \*\*? [\d_]+)*)[^\d]*$/.exec(code) ?? [];
  assert.ok(text !== undefined, `${code} has no number`);
  return text
    .replaceAll('_', '')
    .split(' * ')
    .map((factor) => factor.split(' ** ').map(Number))
    .reduce((product, [base, exponent = 1]) => product * base! ** exponent, 1);
}

test('numbers in code are read as they are meant', () => {
  assert.equal(lastNumber('X = 65_536'), 65_536);
  assert.equal(lastNumber('bytes: 512 * 2 ** 20'), 536_870_912);
  assert.equal(lastNumber('z.array(x).min(1).max(16)'), 16);
});

test('every row of the table of limits is one that can be checked', () => {
  const table = page.slice(page.indexOf('## Limits'), page.indexOf('## What whorl does not'));
  assert.equal(rows.length, table.split('\n').filter((line) => line.startsWith('| ')).length - 1);
  assert.ok(rows.length > 20);
});

for (const { what, limit, file, code } of rows)
  test(`${what}: ${limit}`, () => {
    assert.equal(lastNumber(code), limit);
    const text = readFileSync(join(root, file), 'utf8');
    const at = text.indexOf(code);
    assert.ok(at >= 0, `${file} does not say ${code}`);
    assert.doesNotMatch(
      text.slice(at + code.length, at + code.length + 4),
      /^(\d|_\d| \*)/,
      'the number goes on',
    );
  });
