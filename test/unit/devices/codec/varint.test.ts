import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  unZigZag,
  VarintCursor,
  varintLength,
  writeVarint,
  zigZag,
} from '../../../../devices/codec/varint.js';
import * as fc from '../../../support/fast-check.js';
import { fromHex, toHex } from '../../../support/tef.js';

function write(value: number): Uint8Array {
  const out = new Uint8Array(8);
  return out.subarray(0, writeVarint(value, out, 0));
}

function read(bytes: Uint8Array): number | undefined {
  const cursor = new VarintCursor();
  cursor.begin(bytes, 0, bytes.length);
  const value = cursor.next();
  return cursor.failed ? undefined : value;
}

test('known encodings', () => {
  assert.equal(toHex(write(0)), '00');
  assert.equal(toHex(write(127)), '7f');
  assert.equal(toHex(write(128)), '8001');
  assert.equal(toHex(write(295)), 'a702');
  assert.equal(toHex(write(0xffff_ffff)), 'ffffffff0f');
});

test('every value of 32 bits comes back, in the announced number of bytes', () => {
  fc.assert(
    fc.property(fc.nat({ max: 0xffff_ffff }), fc.nat(31), (value, shift) => {
      const small = Math.floor(value / 2 ** shift);
      const bytes = write(small);
      assert.equal(bytes.length, varintLength(small));
      assert.equal(read(bytes), small);
    }),
  );
});

test('cut short, longer than five bytes and more than 32 bits are refused', () => {
  assert.equal(read(fromHex('')), undefined);
  assert.equal(read(fromHex('80')), undefined);
  assert.equal(read(fromHex('808080808001')), undefined);
  assert.equal(read(fromHex('ffffffff1f')), undefined);
});

test('zig-zag maps signed to unsigned and back', () => {
  assert.deepEqual([0, -1, 1, -2, 2147483647, -2147483648].map(zigZag), [0, 1, 2, 3, 4294967294, 4294967295]);
  fc.assert(fc.property(fc.integer(), (value) => assert.equal(unZigZag(zigZag(value)), value)));
});
