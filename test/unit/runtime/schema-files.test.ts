import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { schemaFiles } from '../../../runtime/schema-files.js';
import { root } from '../../support/paths.js';

const folder = join(root, 'runtime', 'schemas');

test('the committed schema files are those of the code', () => {
  const expected = schemaFiles();
  const committed = readdirSync(folder).filter((name) => name.endsWith('.json'));
  assert.deepEqual(committed.sort(), Object.keys(expected).sort(), 'run: npm run schemas');
  for (const [name, text] of Object.entries(expected))
    assert.equal(
      readFileSync(join(folder, name), 'utf8'),
      text,
      `runtime/schemas/${name} is stale; run: npm run schemas`,
    );
});

test('the configuration schema accepts the example and refuses what the loader refuses', () => {
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  const validate = ajv.compile(JSON.parse(schemaFiles()['config.schema.json']!));
  const example: unknown = parse(readFileSync(join(root, 'runtime', 'config', 'example.yaml'), 'utf8'));
  assert.ok(validate(example), ajv.errorsText(validate.errors));
  for (const wrong of [
    { mqqt: {} },
    { mqtt: { keepaliveS: 0 } },
    { sensors: { 'a/b': { transport: { kind: 'simulator' } } } },
  ])
    assert.equal(validate(wrong), false, JSON.stringify(wrong));
});

test('every key of the configuration says what it is and when a change takes effect', () => {
  const missing: string[] = [];
  const walk = (node: Record<string, unknown>, path: string): void => {
    const nested = [...Object.entries((node['properties'] as Record<string, Record<string, unknown>>) ?? {})];
    for (const branch of (node['oneOf'] as Record<string, unknown>[]) ?? []) walk(branch, path);
    if (typeof node['additionalProperties'] === 'object')
      walk(node['additionalProperties'] as Record<string, unknown>, `${path}.*`);
    for (const [key, next] of nested) {
      if (next['const'] !== undefined && key === 'kind') continue;
      const section = next['properties'] !== undefined || next['oneOf'] !== undefined;
      if (typeof next['description'] !== 'string') missing.push(`${path}.${key}: description`);
      if (!section && !['live', 'restart'].includes(String(next['apply'])))
        missing.push(`${path}.${key}: apply`);
      walk(next, `${path}.${key}`);
    }
  };
  walk(JSON.parse(schemaFiles()['config.schema.json']!), '');
  assert.deepEqual(missing, []);
});
