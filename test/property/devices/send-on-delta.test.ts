import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createEventBatch,
  type EventBatch,
  integrateEvents,
  SendOnDelta,
  type SendOnDeltaOptions,
} from '../../../devices/index.js';
import * as fc from '../../support/fast-check.js';

const taxels = 3;
const frames = fc.array(
  fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: taxels, maxLength: taxels }),
  {
    minLength: 1,
    maxLength: 60,
  },
);
const options: fc.Arbitrary<SendOnDeltaOptions> = fc.record({
  taxels: fc.constant(taxels),
  rise: fc.double({ min: 0.5, max: 20, noNaN: true }),
  fall: fc.double({ min: 0.5, max: 20, noNaN: true }),
  hysteresis: fc.double({ min: 0, max: 10, noNaN: true }),
  refractoryUs: fc.constantFrom(0, 700, 5000),
  maxPerFrame: fc.constantFrom(1, 3, 1000),
  scanUs: fc.constantFrom(0, 900),
});

/** Encodes frames 1000 us apart into one batch. */
function encodeAll(encoder: SendOnDelta, signal: readonly (readonly number[])[]): EventBatch {
  const out = createEventBatch(100_000);
  signal.forEach((frame, i) => {
    encoder.encode(frame, i * 1000, out);
  });
  return out;
}

test('the levels rebuilt from the events are the references of the sender', () =>
  fc.assert(
    fc.property(options, frames, (setup, signal) => {
      const encoder = new SendOnDelta(setup);
      const out = encodeAll(encoder, signal);
      const rebuilt = integrateEvents(
        new Float64Array(taxels),
        out,
        setup.rise as number,
        setup.fall as number,
      );
      assert.deepEqual(rebuilt, Float64Array.from(encoder.levels));
    }),
  ));

test('and stay within a threshold and the hysteresis of the signal, when nothing holds events back', () =>
  fc.assert(
    fc.property(options, frames, (setup, signal) => {
      const encoder = new SendOnDelta({ ...setup, refractoryUs: 0, maxPerFrame: 1000 });
      const out = createEventBatch(100_000);
      signal.forEach((frame, i) => {
        encoder.encode(frame, i * 1000, out);
        frame.forEach((pressure, taxel) => {
          const off = pressure - encoder.levels[taxel]!;
          assert.ok(off < (setup.rise as number) + setup.hysteresis! + 1e-9, `${off} above`);
          assert.ok(-off < (setup.fall as number) + setup.hysteresis! + 1e-9, `${off} below`);
        });
      });
    }),
  ));

test('times never go back, and refractory taxels keep their distance', () =>
  fc.assert(
    fc.property(options, frames, (setup, signal) => {
      const out = encodeAll(new SendOnDelta(setup), signal);
      const last = new Map<number, number>();
      for (let i = 0; i < out.length; i++) {
        const [tUs, taxel] = [out.tUs[i]!, out.taxel[i]!];
        if (i > 0) assert.ok(tUs >= out.tUs[i - 1]!);
        const gap = tUs - (last.get(taxel) ?? Number.NEGATIVE_INFINITY);
        assert.ok(gap === 0 || gap >= setup.refractoryUs!, `${gap} us`);
        last.set(taxel, tUs);
      }
    }),
  ));

test('constant pressure falls silent once the references have caught up', () =>
  fc.assert(
    fc.property(options, frames, (setup, signal) => {
      const encoder = new SendOnDelta(setup);
      const out = encodeAll(encoder, signal);
      const still = signal.at(-1)!;
      const most = 120 / 0.5; // the widest swing in the smallest steps
      const settled = most * (1 + setup.refractoryUs! / 1000) + 1;
      for (let i = 0; i < settled; i++) encoder.encode(still, (signal.length + i) * 1000, out);
      out.length = 0;
      for (let i = 0; i < 20; i++) encoder.encode(still, 1e7 + i * 1000, out);
      assert.equal(out.length, 0);
    }),
    { numRuns: 50 },
  ));

test('a small batch delays events and loses none: the references end up the same', () =>
  fc.assert(
    fc.property(options, frames, (setup, signal) => {
      const unhurried = { ...setup, refractoryUs: 0, maxPerFrame: 1000, hysteresis: 0, fall: setup.rise };
      const [roomy, tight] = [new SendOnDelta(unhurried), new SendOnDelta(unhurried)];
      const still = signal.at(-1)!;
      encodeAll(roomy, [still]);
      const small = createEventBatch(2);
      for (let i = 0; i < 400; i++) {
        small.length = 0;
        tight.encode(still, i * 1000, small);
      }
      assert.deepEqual(Float64Array.from(tight.levels), Float64Array.from(roomy.levels));
    }),
    { numRuns: 50 },
  ));

test('an integrator leaves out taxels it has no level for', () => {
  const out = encodeAll(new SendOnDelta({ taxels, rise: 1, fall: 1 }), [[1, 1, 1]]);
  assert.deepEqual(integrateEvents(new Float64Array(2), out, 1, 1), new Float64Array([1, 1]));
});
