/** What holds of every driver, whatever its sensor sends. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Driver } from '../../../devices/index.js';
import { Random } from '../../../devices/simulator/random.js';
import { type DriverKind, driverKinds, wildStream } from '../../support/driver-kinds.js';
import { DriverRecorder } from '../../support/driver-recorder.js';
import * as fc from '../../support/fast-check.js';
import { concat } from '../../support/tef.js';

/** Pushes the bytes, cut at the given places, and checks after every chunk that each byte is accounted for. */
function decode(
  kind: DriverKind,
  bytes: Uint8Array,
  cuts: readonly number[] = [],
  driver: Driver = kind.make(),
): DriverRecorder {
  const recorder = new DriverRecorder();
  const before = driver.accepted;
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const to of [...places, bytes.length]) {
    driver.push(bytes.slice(from, to), recorder, 0);
    from = to;
    assert.equal(driver.accepted - before + recorder.discardedBytes + driver.buffered, to);
    assert.ok(driver.buffered <= kind.heldBytes, `${driver.buffered} bytes are held`);
  }
  return recorder;
}

const seed = fc.nat();
const cuts = fc.array(fc.nat(), { maxLength: 20 });

for (const kind of driverKinds) {
  describe(kind.name, () => {
    test(`${kind.name}: any cut gives the same calls`, () => {
      fc.assert(
        fc.property(seed, cuts, (number, places) => {
          const bytes = wildStream(kind, new Random(number));
          assert.deepEqual(decode(kind, bytes, places).merged, decode(kind, bytes).merged);
        }),
        { numRuns: 150 },
      );
    });

    test(`${kind.name}: byte by byte is no different`, () => {
      fc.assert(
        fc.property(seed, (number) => {
          const bytes = wildStream(kind, new Random(number));
          const everywhere = Array.from(bytes, (_, i) => i);
          assert.deepEqual(decode(kind, bytes, everywhere).merged, decode(kind, bytes).merged);
        }),
        { numRuns: 25 },
      );
    });

    test(`${kind.name}: undamaged bytes are taken whole, but for what waits at the end`, () => {
      fc.assert(
        fc.property(seed, (number) => {
          const bytes = kind.frames(new Random(number), 6);
          const recorder = decode(kind, bytes);
          assert.equal(recorder.discardedBytes, 0);
        }),
        { numRuns: 30 },
      );
    });

    test(`${kind.name}: after a reset it is as new, to a device that has started again`, () => {
      fc.assert(
        fc.property(seed, seed, (first, second) => {
          fc.pre(first !== second);
          const driver = kind.make();
          const before = wildStream(kind, new Random(first));
          const recorder = decode(kind, before, [], driver);
          const accepted = driver.accepted;
          driver.reset(recorder);
          assert.equal(driver.buffered, 0);
          assert.equal(accepted + recorder.discardedBytes, before.length);
          const bytes = wildStream(kind, new Random(second));
          assert.deepEqual(decode(kind, bytes, [], driver).calls, decode(kind, bytes).calls);
        }),
        { numRuns: 30 },
      );
    });

    test(`${kind.name}: a frame cut short costs no more than itself and the lock`, () => {
      fc.assert(
        fc.property(seed, fc.nat(), (number, place) => {
          const random = new Random(number);
          const whole = kind.frames(random, 1);
          // Longer than what may be held back while a false length is waited for.
          const good = kind.frames(random, 120);
          const cut = whole.subarray(0, place % whole.length);
          const recorder = decode(kind, concat(cut, good));
          const undisturbed = decode(kind, good);
          const [found, possible] = [recorder, undisturbed].map(
            (one) => one.eventRows.length + one.frames.length,
          );
          assert.ok(found! > possible! / 2, `${found} of ${possible}`);
        }),
        { numRuns: kind.name === 'icub-ae' ? 0 : 30 }, // nothing in its records shows where they begin
      );
    });
  });
}
