import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { check } from '../../runtime/config/check.js';
import { type Config, migratedFile, setInYaml } from '../../runtime/config/index.js';
import * as fc from '../support/fast-check.js';

const transport = { kind: 'simulator' };
const sensor = fc.oneof(
  fc.constant({ transport }),
  fc.constant({ transport, codec: 'tef' }),
  fc.constant({ codec: 'tef', transport, driver: { kind: 'tef' } }),
  fc.constant({ driver: { kind: 'tef' }, codec: 'tef', transport }),
  fc.constant({ transport, driver: { kind: 'edvs' } }),
);
const file = fc
  .record(
    {
      configVersion: fc.constantFrom(1),
      edge: fc.constant({ id: 'e' }),
      sensors: fc.dictionary(fc.constantFrom('f', 'g', 'h', 'i'), sensor, { minKeys: 1 }),
      log: fc.constant({ level: 'warn' }),
    },
    { requiredKeys: ['sensors'] },
  )
  .chain((tree) =>
    fc
      .record({
        indent: fc.constantFrom(1, 2, 4),
        collectionStyle: fc.constantFrom('block' as const, 'flow' as const, 'any' as const),
        comments: fc.boolean(),
      })
      .map(({ comments, ...options }) => {
        const text = stringify(tree, { ...options, aliasDuplicateObjects: false, lineWidth: 0 });
        return comments ? text.replace(/(codec|kind): (\w+)$/gm, '$1: $2 # $1') : text;
      }),
  );

function configOf(text: string): Config {
  const result = check({ text, env: {}, overrides: [] });
  assert.ok('config' in result, `${text}\n${JSON.stringify(result)}`);
  return result.config;
}

test('a migrated file is the same configuration, needs no migration, and has all comments', () => {
  fc.assert(
    fc.property(file, (text) => {
      const migrated = migratedFile(text) ?? text;
      assert.deepEqual(configOf(migrated), configOf(text));
      const { warnings } = check({ text: migrated, env: {}, overrides: [] });
      assert.deepEqual(warnings, []);
      assert.equal(migratedFile(migrated), undefined);
      assert.deepEqual(migrated.match(/#.*$/gm), text.match(/#.*$/gm));
    }),
    { numRuns: 300 },
  );
});

test('a key that is set is all that changes, in any file', () => {
  fc.assert(
    fc.property(file, fc.constantFrom('debug', 'error'), (text, level) => {
      const before = configOf(text);
      assert.deepEqual(configOf(setInYaml(text, ['log', 'level'], level)), {
        ...before,
        log: { ...before.log, level },
      });
    }),
    { numRuns: 200 },
  );
});
