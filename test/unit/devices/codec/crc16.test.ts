import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc16 } from '../../../../devices/codec/crc16.js';
import * as fc from '../../../support/fast-check.js';

/** Bit by bit, as the definition says. */
function slowCrc(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const feedback = ((crc >> 15) & 1) ^ ((byte >> bit) & 1);
      crc = ((crc << 1) & 0xffff) ^ (feedback ? 0x1021 : 0);
    }
  }
  return crc;
}

test('the check value of CRC-16/CCITT-FALSE', () => {
  assert.equal(crc16(new TextEncoder().encode('123456789')), 0x29b1);
  assert.equal(crc16(new Uint8Array()), 0xffff);
});

test('agrees with the bit by bit definition at every length and offset', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(8), fc.nat(8), (bytes, before, after) => {
      const padded = new Uint8Array(before + bytes.length + after).fill(0xa5);
      padded.set(bytes, before);
      assert.equal(crc16(padded, before, before + bytes.length), slowCrc(bytes));
    }),
  );
});

test('an earlier value is continued', () => {
  const bytes = new TextEncoder().encode('123456789');
  assert.equal(crc16(bytes, 4, 9, crc16(bytes, 0, 4)), 0x29b1);
});
