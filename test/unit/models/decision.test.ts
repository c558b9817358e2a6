import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide, locationShare, type Outcome, publishedPsi } from '../../../models/index.js';
import { tinyGolden } from '../../support/golden.js';

const { spec } = tinyGolden().network;
const outcome = (time: number[], location: number[]): Outcome => {
  const branch = (counts: number[]) => ({
    counts: Uint32Array.from(counts),
    layerSpikes: [],
    layerOps: [],
  });
  return { time: branch(time), location: branch(location) };
};

test('rates of the branches are averaged, each over its own scan steps (9 bins, 6 taxels)', () => {
  const { rates, label, confidence, margin, scores } = decide(spec, outcome([9, 0, 3], [3, 6, 0]));
  assert.deepEqual([...rates], [0.75, 0.5, Math.fround(1 / 6)]);
  assert.equal(label, 'a');
  // softmax of rate / 0.1: 1 / (1 + e^-2.5 + e^-5.8333)
  assert.ok(Math.abs(confidence - 1 / (1 + Math.exp(-2.5) + Math.exp(-7.5 + 10 / 6))) < 1e-6);
  assert.ok(Math.abs(margin - (scores[0]! - scores[1]!)) < 1e-6);
});

test('a tie goes to the lower index, with margin 0; silence is a tie of all', () => {
  assert.deepEqual({ ...decide(spec, outcome([0, 9, 9], [0, 6, 6])) }.labelId, 1);
  const silent = decide(spec, outcome([0, 0, 0], [0, 0, 0]));
  assert.equal(silent.labelId, 0);
  assert.equal(silent.margin, 0);
  assert.ok(Math.abs(silent.confidence - 1 / 3) < 1e-6);
});

test('a network with one branch is not diluted by the missing one', () => {
  const { location: _, ...timeOnly } = spec;
  const { time } = outcome([9, 0, 0], []);
  assert.equal(decide(timeOnly, { time: time! }).rates[0], 1);
});

test('the share of the location branch over time, with the published psi', () => {
  const shares = (progress: number, digits: number): string[] =>
    Object.values(publishedPsi).map((psi) => locationShare(psi, progress).toFixed(digits));
  assert.deepEqual(
    shares(0.5, 4).map((share) => Number(share)),
    [0.0006, 0.0067, 0.2689],
  );
  assert.deepEqual(shares(0.75, 3), ['0.023', '0.076', '0.378']);
  assert.deepEqual(shares(1, 1), ['0.5', '0.5', '0.5']);
});

test('with psi the time branch counts more during the touch, and the same at its end', () => {
  const weighted = { ...spec, decision: { ...spec.decision, psi: 10 } };
  const said = outcome([0, 5, 0], [6, 0, 0]);
  assert.equal(decide(spec, said, 0.5).label, 'a');
  assert.equal(decide(weighted, said, 0.5).label, 'b');
  assert.deepEqual(decide(weighted, said), decide(spec, said));
});
