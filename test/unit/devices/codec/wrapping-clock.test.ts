import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WrappingClock } from '../../../../devices/codec/wrapping-clock.js';
import * as fc from '../../../support/fast-check.js';

test('a counter of 16 bits is followed over any silence, if arrival jitters by less than half a turn', () => {
  const step = fc.tuple(fc.nat(5_000_000), fc.integer({ min: -16_000, max: 16_000 }));
  fc.assert(
    fc.property(fc.nat(65_535), fc.array(step, { maxLength: 50 }), (begin, steps) => {
      const clock = new WrappingClock(16, 1);
      let deviceUs = begin;
      assert.equal(clock.read(begin, 0), begin);
      for (const [gapUs, jitterUs] of steps) {
        deviceUs += gapUs;
        const arrivalUs = deviceUs - begin + jitterUs;
        assert.equal(clock.read(deviceUs % 65_536, arrivalUs), deviceUs);
      }
    }),
  );
});

test('within a chunk, which arrives at one time, it goes on by less than half a turn, or a little back', () => {
  const clock = new WrappingClock(24, 2);
  const times = [0xffff_f0, 0xffff_ff, 0x10, 0x0c, 0x7f_0000].map((counter) => clock.read(counter, 9));
  assert.deepEqual(
    times,
    [0xffff_f0, 0xffff_ff, 0x100_0010, 0x100_000c, 0x17f_0000].map((ticks) => ticks * 2),
  );
});

test('after a restart the first reading is taken as it is', () => {
  const clock = new WrappingClock(31, 0.08);
  clock.read(2 ** 31 - 1, 0);
  assert.equal(clock.read(99, 0), (2 ** 31 + 99) * 0.08);
  clock.restart();
  assert.equal(clock.read(100, 0), 8);
});
