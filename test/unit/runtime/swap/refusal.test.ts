import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Refusal, refusals } from '../../../../runtime/swap/index.js';
import { root } from '../../../support/paths.js';

const folder = join(root, 'runtime', 'swap');
/** Why a model does not fit a pipeline becomes a refusal with the same code. */
const fit = ['serving.ts', 'pipeline.ts'].map((file) => join(root, 'runtime', 'inference', file));
const code = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && file !== 'refusal.ts')
  .map((file) => join(folder, file))
  .concat(fit)
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n');
const codes = Object.keys(refusals);

test('every code is used', () => {
  const words = new Set([...code.matchAll(/'(\w+)'/g)].map((match) => match[1]!));
  assert.deepEqual(
    codes.filter((name) => !words.has(name)),
    [],
  );
});

test('every code is documented, in the order of the table, and no other', () => {
  const text = readFileSync(join(folder, 'DESIGN.md'), 'utf8');
  assert.deepEqual(
    [...text.matchAll(/^\| `(\w+)` +\|/gm)].map((match) => match[1]),
    codes,
  );
});

test('a refusal says what is wrong, its code and what to do', () => {
  const { message, remedy } = new Refusal('busy', 'somebody else is at it');
  assert.equal(message, `somebody else is at it (busy): ${remedy}`);
});
