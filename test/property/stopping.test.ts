/** Fitted rules on records of any kind: the bound, the order in the target error, and that the daemon decides alike. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AnytimeRecord, earlyDecision, fitStopping, measureStopping } from '../../models/index.js';
import { Decider } from '../../runtime/edge/decider.js';
import { earlyTest } from '../../runtime/edge/early-test.js';
import * as fc from '../support/fast-check.js';
import { recordOf } from '../support/records.js';

const classes = 3;
const bins = 8;
/** Few values, so that windows tie. */
const share = fc.integer({ min: 0, max: 8 }).map((eighths) => eighths / 8);
const label = fc.nat({ max: classes - 1 });
const record = fc
  .tuple(
    label,
    fc.array(
      fc.tuple(
        fc.oneof({ arbitrary: fc.constant(0), weight: 2 }, { arbitrary: label, weight: 1 }),
        share,
        share,
      ),
      { minLength: bins, maxLength: bins },
    ),
  )
  // Mostly of the class that it is said to be, so that there is something to decide.
  .map(([target, rows]) =>
    recordOf(
      target,
      rows.map(([shift, ...sure]) => [(target + shift) % classes, ...sure]),
    ),
  );
const records = fc.array(record, { minLength: 1, maxLength: 20 });
const options = fc.record({ holdBins: fc.integer({ min: 1, max: 4 }), minMargin: fc.constantFrom(0, 0.25) });

/** When each window is decided. */
function seen(rule: ReturnType<typeof fitStopping>, of: readonly AnytimeRecord[]): number[] {
  return of.map((one) => earlyDecision(rule, one)?.bins ?? bins);
}

test('no more early decisions are wrong than the target error allows, on the windows given', () => {
  let early = 0;
  fc.assert(
    fc.property(records, options, share, (of, how, targetError) => {
      const report = measureStopping(fitStopping(of, classes, { ...how, targetError }), of);
      assert.ok(report.early - report.earlyCorrect <= targetError * report.early);
      early += report.early;
    }),
    { numRuns: 500, seed: 1 },
  );
  assert.ok(early > 500, `put to the test with ${early} early decisions`);
});

test('a higher target error has no higher threshold and decides no window later', () => {
  let differ = 0;
  fc.assert(
    fc.property(records, options, share, share, (of, how, a, b) => {
      const [strict, loose] = [Math.min(a, b), Math.max(a, b)].map((targetError) =>
        fitStopping(of, classes, { ...how, targetError }),
      );
      for (const [c, threshold] of strict!.thresholds.entries())
        assert.ok((loose!.thresholds[c] ?? 2) <= (threshold ?? 2));
      const [later, sooner] = [seen(strict!, of), seen(loose!, of)];
      for (const [i, when] of later.entries()) assert.ok(sooner[i]! <= when);
      if (String(later) !== String(sooner)) differ++;
    }),
    { numRuns: 500, seed: 2 },
  );
  assert.ok(differ > 50, `the two differed in ${differ} cases`);
});

test('the daemon takes the same decision at the same bin', () => {
  let decided = 0;
  fc.assert(
    fc.property(records, options, share, (of, how, targetError) => {
      const rule = fitStopping(of, classes, { ...how, targetError });
      const anytime = { decideBy: 'model' as const, minConfidence: 0.9, minMargin: 0.5, holdBins: 8 };
      const decider = new Decider();
      for (const [window, { labels, confidences, margins }] of of.entries()) {
        let first: { bins: number; label: number } | undefined;
        for (let bin = 1; bin <= bins; bin++) {
          const [labelId, confidence, margin] = [labels, confidences, margins].map((all) => all[bin - 1]!);
          const answer = { window, bin, final: bin === bins, labelId: labelId! };
          const { decision } = decider.observe(
            { ...answer, confidence: confidence!, margin: margin! },
            { early: earlyTest(anytime, rule), minConfidence: 0 },
          );
          if (decision === 'threshold') first ??= { bins: bin, label: labelId! };
        }
        assert.deepEqual(first, earlyDecision(rule, of[window]!));
        if (first !== undefined) decided++;
      }
    }),
    { numRuns: 300, seed: 3 },
  );
  assert.ok(decided > 300, `put to the test with ${decided} decisions`);
});
