import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publishedLif } from '../../../models/index.js';
import { lifFires, lifMembrane, lifSurrogate } from '../../../models/neurons/lif.js';
import * as fc from '../../support/fast-check.js';

test('the update of the paper, by hand: decay 0.2, threshold 0.5, reset to zero after a spike', () => {
  let u = 0;
  const seen = [0.4, 0.4, 0.5, 0.45, 0.1].map((current) => {
    u = lifMembrane(publishedLif, u, current);
    return [Number(u.toFixed(5)), lifFires(publishedLif, u)];
  });
  // 0.4; 0.2 * 0.4 + 0.4 = 0.48; 0.2 * 0.48 + 0.5 = 0.596 fires; reset, 0.45; 0.09 + 0.1
  assert.deepEqual(seen, [
    [0.4, false],
    [0.48, false],
    [0.596, true],
    [0.45, false],
    [0.19, false],
  ]);
});

test('the threshold is strict and the surrogate window open', () => {
  assert.equal(lifFires(publishedLif, 0.5), false);
  assert.equal(lifFires(publishedLif, 0.5 + 2 ** -24), true);
  assert.deepEqual(
    [0, 0.25, 0.5, 0.999, 1, 1.1, -0.1].map((u) => lifSurrogate(publishedLif, u)),
    [0, 1, 1, 1, 0, 0, 0],
  );
});

test('membranes are float32 and never denormal', () => {
  const float = fc.float({
    noNaN: true,
    noDefaultInfinity: true,
    min: Math.fround(-1e30),
    max: Math.fround(1e30),
  });
  fc.assert(
    fc.property(float, float, (previous, current) => {
      const u = lifMembrane(publishedLif, previous, current);
      assert.equal(u, Math.fround(u));
      assert.ok(u === 0 || Math.abs(u) >= 2 ** -126);
    }),
  );
  let u = 0.4;
  for (let n = 0; n < 100; n++) u = lifMembrane(publishedLif, u, 0);
  assert.equal(u, 0);
});
