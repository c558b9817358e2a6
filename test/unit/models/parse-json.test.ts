import assert from 'node:assert/strict';
import { test } from 'node:test';
import { repeatedKey, topLevelKeys } from '../../../models/format/json-keys.js';
import { jsonDepth, parseJson } from '../../../models/format/parse-json.js';
import * as fc from '../../support/fast-check.js';

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

test('the depth of a text is that of its value, brackets in strings left out', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (json) => {
      assert.equal(jsonDepth(json), depthOf(JSON.parse(json)));
    }),
  );
  assert.equal(jsonDepth('["\\\\", "[[\\"[["]'), 1);
  assert.equal(jsonDepth('{"a": "unfinished [[['), 1);
});

test('what nests too deep is refused, the rest is parsed', () => {
  fc.assert(fc.property(fc.json(), (json) => assert.deepEqual(parseJson(json), JSON.parse(json))));
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  assert.ok(Array.isArray(parseJson(nested(32))));
  assert.throws(() => parseJson(nested(33)), SyntaxError);
  assert.throws(() => parseJson(nested(1_000_000)), SyntaxError);
});

test('keys of the outermost object are found, repeated ones too', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), (object) => {
      const keys = topLevelKeys(JSON.stringify(object));
      assert.deepEqual(new Set(keys), new Set(Object.keys(object)));
      assert.equal(repeatedKey(keys), undefined);
    }),
  );
  const keys = topLevelKeys('{"a" :1,"b":{"a":2},"\\u0061":["a"]}');
  assert.deepEqual(keys, ['a', 'b', 'a']);
  assert.equal(repeatedKey(keys), 'a');
});
