import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { fromCbor, toCbor } from '../../runtime/scale/cbor.js';
import { packCells, unpackCells } from '../../runtime/scale/cells.js';
import {
  decodeAnswer,
  decodePresence,
  decodeWindow,
  encodeAnswer,
  encodeWindow,
  MAX_ANSWER_BYTES,
  MAX_WINDOW_BYTES,
} from '../../runtime/scale/messages.js';
import * as fc from '../support/fast-check.js';
import { inferenceOf } from '../support/remote-service.js';

const size = 4_000_000_000;
const anyCells = fc
  .uniqueArray(fc.oneof(fc.nat(500), fc.nat(1_000_000), fc.integer({ min: 0, max: size - 1 })), {
    maxLength: 300,
  })
  .map((cells) => Uint32Array.from(cells).sort());

test('a window is read as it was written, as few bytes as deltas and compression make of it', () => {
  fc.assert(
    fc.property(anyCells, (cells) => {
      assert.deepEqual(unpackCells(decodeWindow(encodeWindow(cells)), size), cells);
    }),
  );
  const touch = Uint32Array.from({ length: 2000 }, (_, i) => i * 3);
  const packed = packCells(touch);
  assert.ok(packed.deflated && packed.bytes.length < 100, `${packed.bytes.length} bytes`);
});

/** Bytes that were a message, changed here and there, cut or lengthened. */
function damaged(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
  return fc
    .tuple(fc.array(change, { maxLength: 8 }), fc.nat(bytes.length), fc.uint8Array({ maxLength: 8 }))
    .map(([changes, length, more]) => {
      const copy = Uint8Array.from(bytes);
      for (const [at, byte] of changes) copy[at] = byte;
      return Buffer.concat([copy.subarray(0, length), more]);
    });
}

test('of any bytes a window is read or an error comes, and what is read is a window', () => {
  const touch = encodeWindow(Uint32Array.from({ length: 200 }, (_, i) => i * 7));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), damaged(touch)), (bytes) => {
      let cells: Uint32Array;
      try {
        cells = unpackCells(decodeWindow(bytes), 2000);
      } catch (error) {
        assert.ok(error instanceof Error);
        return;
      }
      assert.ok(cells.every((cell, i) => cell < 2000 && (i === 0 || cell > cells[i - 1]!)));
    }),
    { numRuns: 2000 },
  );
});

test('of any bytes an answer or a word of a worker is read or an error comes', () => {
  const answer = encodeAnswer('w1', inferenceOf(1));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), damaged(answer)), (bytes) => {
      for (const read of [decodeAnswer, decodePresence]) {
        try {
          read(bytes);
        } catch (error) {
          assert.ok(error instanceof Error);
        }
      }
    }),
    { numRuns: 2000 },
  );
});

test('few bytes that stand for many are refused before they take memory', () => {
  const bomb = deflateRawSync(new Uint8Array(50_000_000).fill(1));
  assert.ok(bomb.length < MAX_WINDOW_BYTES);
  const packed = { bytes: bomb, deflated: true };
  assert.throws(
    () => unpackCells({ count: 4_000_000_000, ...packed }, 1000),
    /4000000000 cells in a window of 1000/,
  );
  assert.throws(() => unpackCells({ count: 1000, ...packed }, 1000), /compressed cells cannot be read/);
  assert.throws(() => decodeWindow(new Uint8Array(MAX_WINDOW_BYTES + 1)), /are more than/);
  assert.throws(() => decodeAnswer(new Uint8Array(MAX_ANSWER_BYTES + 1)), /are more than/);
});

test('a message that is nested deeply, or holds what ours never hold, is refused', () => {
  for (const [bytes, why] of [
    [Buffer.alloc(60_000, 0x81), /more than 16 arrays and maps/],
    [Buffer.from('9f01ff', 'hex'), /indefinite/],
    [Buffer.from('a2616101616102', 'hex'), /repeat map key/],
    [Buffer.from('1bffffffffffffffff', 'hex'), /integers outside of the safe integer range/],
    [Buffer.from('c001', 'hex'), /tag not supported/],
    [Buffer.from('5affffffff00', 'hex'), /not enough/],
    [Buffer.from('9affffffff00', 'hex'), /not enough entries/],
  ] as const)
    assert.throws(() => fromCbor(bytes, 65_536), why);
  assert.deepEqual(fromCbor(toCbor({ __proto__x: 1, a: [1, 2] }), 100), { __proto__x: 1, a: [1, 2] });
});

test('a message of another version of whorl is refused in words', () => {
  assert.throws(
    () => decodeWindow(toCbor({ v: 2, count: 0, deflated: false, cells: new Uint8Array() })),
    /^Error: v: is of another version of whorl$/,
  );
});
