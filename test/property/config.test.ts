import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { check } from '../../runtime/config/check.js';
import { configJsonSchema } from '../../runtime/config/index.js';
import * as fc from '../support/fast-check.js';

/** Words that occur in the schema, so that the data comes near to a configuration. */
const words = [...new Set(JSON.stringify(configJsonSchema()).match(/[A-Za-z]+/g))];
const key = fc.oneof(
  fc.constantFrom(...words),
  fc.string({ maxLength: 8 }),
  fc.constantFrom('__proto__', 'constructor'),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(...words),
    fc.string({ maxLength: 12 }),
    fc.double(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(key, tie('any'), { maxKeys: 6 }),
  ),
})).any;

function holds(text: string, env: Record<string, string>): void {
  const result = check({ text, env, overrides: [] });
  if ('config' in result) return;
  assert.ok(result.errors.length > 0);
  for (const { message } of result.errors)
    assert.ok(message.length > 0 && !message.includes('[object'), message);
}

test('any data and any variables give a configuration or errors in words, never an exception', () => {
  const variable = fc
    .tuple(
      fc.array(fc.constantFrom(...words.map((word) => word.toUpperCase())), { maxLength: 5 }),
      fc.string(),
    )
    .map(([path, text]) => [`WHORL_${path.join('_')}`, text] as const);
  fc.assert(
    fc.property(
      fc.dictionary(key, value, { maxKeys: 8 }),
      fc.array(variable, { maxLength: 6 }),
      (data, variables) =>
        holds(stringify(data, { aliasDuplicateObjects: false }), Object.fromEntries(variables)),
    ),
    { numRuns: 500 },
  );
});

test('any text is read or refused', () => {
  const yamlish = fc.string({
    unit: fc.constantFrom('a', ':', ' ', '\n', '-', '{', '[', '&', '*', '"', '!', '\t', '%', '#'),
  });
  fc.assert(
    fc.property(fc.oneof(fc.string(), yamlish), (text) => holds(text, {})),
    { numRuns: 2000 },
  );
});
