import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cobsDecode, cobsEncode, cobsMaxLength } from '../../../../devices/codec/cobs.js';
import * as fc from '../../../support/fast-check.js';
import { fromHex, toHex } from '../../../support/tef.js';

function encode(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(cobsMaxLength(bytes.length));
  return out.subarray(0, cobsEncode(bytes, bytes.length, out, 0));
}

function decode(block: Uint8Array): Uint8Array | undefined {
  const out = new Uint8Array(block.length);
  const length = cobsDecode(block, 0, block.length, out);
  return length < 0 ? undefined : out.subarray(0, length);
}

const examples: [string, string, string][] = [
  ['nothing', '', '01'],
  ['one zero', '00', '0101'],
  ['two zeros', '0000', '010101'],
  ['a zero in the middle', '11220033', '0311220233'],
  ['no zero', '11223344', '0511223344'],
  ['a zero at the end', '1100', '021101'],
];

for (const [name, plain, coded] of examples) {
  test(`the paper's examples: ${name}`, () => {
    assert.equal(toHex(encode(fromHex(plain))), coded);
    assert.equal(toHex(decode(fromHex(coded))!), plain);
  });
}

test('runs of 253, 254 and 255 bytes without a zero', () => {
  for (const length of [253, 254, 255, 508, 509]) {
    const bytes = new Uint8Array(length).fill(7);
    assert.deepEqual(decode(encode(bytes)), bytes, `${length} bytes`);
  }
  assert.equal(encode(new Uint8Array(254).fill(7)).length, 255);
});

test('whatever is encoded has no zero, is short enough, and decodes to itself', () => {
  const sparse = fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    fc.array(fc.constantFrom(0, 1, 255), { maxLength: 600 }).map((values) => Uint8Array.from(values)),
    fc.tuple(fc.nat(520), fc.nat(520)).map(([a, b]) => {
      const bytes = new Uint8Array(a + b + 1).fill(9);
      bytes[a] = 0;
      return bytes;
    }),
  );
  fc.assert(
    fc.property(sparse, (bytes) => {
      const block = encode(bytes);
      assert.ok(!block.includes(0));
      assert.ok(block.length <= cobsMaxLength(bytes.length));
      assert.deepEqual(decode(block), bytes);
    }),
  );
});

test('a block that ends inside a run is refused', () => {
  assert.equal(decode(fromHex('0511')), undefined);
  assert.equal(decode(fromHex('')), undefined);
  assert.equal(decode(encode(new Uint8Array(300).fill(7)).subarray(0, 280)), undefined);
});

test('decoding leaves its input alone', () => {
  const block = fromHex('0311220233');
  decode(block);
  assert.equal(toHex(block), '0311220233');
});
