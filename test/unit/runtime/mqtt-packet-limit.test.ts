import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PacketLimit } from '../../../runtime/mqtt-packet-limit.js';
import * as fc from '../../support/fast-check.js';

/** An MQTT packet with a body of so many bytes. */
function packet(length: number): Buffer {
  const header = [0x30];
  let rest = length;
  do {
    const byte = rest % 128;
    rest = Math.floor(rest / 128);
    header.push(rest > 0 ? byte | 0x80 : byte);
  } while (rest > 0);
  return Buffer.concat([Buffer.from(header), Buffer.alloc(length, 0xff)]);
}

/** Number of bytes taken before a refusal, given in pieces of these sizes; all of them when there is none. */
function taken(bytes: Buffer, sizes: readonly number[], maxBytes: number): { refused: boolean } {
  const limit = new PacketLimit(maxBytes);
  let from = 0;
  for (const size of [...sizes, bytes.length]) {
    if (!limit.accept(bytes.subarray(from, from + size))) return { refused: true };
    from += size;
  }
  return { refused: false };
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 });

test('packets up to the limit pass, however they are cut, and the first longer one does not', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(300), { maxLength: 20 }), sizes, fc.nat(300), (lengths, cuts, max) => {
      const stream = Buffer.concat(lengths.map(packet));
      assert.equal(
        taken(stream, cuts, max).refused,
        lengths.some((length) => length > max),
      );
    }),
  );
});

test('it is refused when the length is known, not when the packet is here', () => {
  const limit = new PacketLimit(1000);
  assert.equal(limit.accept(packet(2000).subarray(0, 3)), false);
});

test('a length of more than four bytes is refused', () => {
  assert.equal(new PacketLimit(1e12).accept(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01])), false);
  assert.equal(new PacketLimit(1e12).accept(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])), true);
});

test('packets without a body are packets', () => {
  assert.equal(taken(Buffer.concat([packet(0), packet(0), packet(9)]), [1, 1, 1, 1], 8).refused, true);
  assert.equal(taken(Buffer.concat([packet(0), packet(0), packet(8)]), [1, 1, 1, 1], 8).refused, false);
});
