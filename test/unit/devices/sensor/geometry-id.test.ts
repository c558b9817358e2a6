import assert from 'node:assert/strict';
import { test } from 'node:test';
import { geometryId, neutouchB } from '../../../../devices/index.js';
import { canonicalJson, crc32 } from '../../../../devices/sensor/geometry-id.js';

test('CRC-32 of the check string of the standard', () =>
  assert.equal(crc32(Buffer.from('123456789')), 0xcbf43926));

test('canonical JSON has sorted keys, no spaces, and reads back as the same', () => {
  const value = { b: [1, -0, 0.1], a: { d: null, c: 'ä"\n' }, unset: undefined };
  const text = canonicalJson(value);
  assert.equal(text, '{"a":{"c":"ä\\"\\n","d":null},"b":[1,0,0.1]}');
  assert.deepEqual(JSON.parse(text), { a: { c: 'ä"\n', d: null }, b: [1, 0, 0.1] });
});

test('an id changes with places and channels, not with the location orders', () => {
  const { orders, taxels } = neutouchB;
  const id = geometryId(neutouchB);
  assert.equal(geometryId({ ...neutouchB, orders: { ...orders, mine: orders['row']! } }), id);
  assert.notEqual(geometryId({ ...neutouchB, taxels: taxels.with(3, { ...taxels[3]!, x: 1 }) }), id);
  assert.notEqual(geometryId({ ...neutouchB, taxels: taxels.with(3, { ...taxels[3]!, raw: 99 }) }), id);
  assert.notEqual(geometryId({ ...neutouchB, id: 'other' }), id);
});
