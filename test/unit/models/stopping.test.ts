import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  earlyDecision,
  fitCommonStopping,
  fitStopping,
  type ModelContent,
  measureStopping,
  readModel,
  type StoppingSpec,
  writeModel,
} from '../../../models/index.js';
import { type RecordRow, recordOf } from '../../support/records.js';
import { smallNetwork } from '../../support/small-model.js';

/** Confidences that float32 holds exactly. */
const [low, mid, high] = [0.5, 0.625, 0.875];

/** Four bins of one label with these confidences, then the last one. */
function steady(label: number, confidence: number, last = label): RecordRow[] {
  return [...Array.from({ length: 4 }, (): RecordRow => [label, confidence]), [last, 1]];
}

describe('a fitted rule', () => {
  // Class 0 is right when sure and wrong when not; class 1 is always right; class 2 never.
  const records = [
    recordOf(0, steady(0, high)),
    recordOf(0, steady(0, mid)),
    recordOf(1, steady(0, low, 1)),
    recordOf(1, steady(1, low)),
    recordOf(0, steady(2, high, 0)),
  ];

  test('has for each class the lowest threshold with which it is wrong seldom enough', () => {
    const fit = (targetError: number) => fitStopping(records, 3, { targetError, holdBins: 2 }).thresholds;
    assert.deepEqual(fit(0), [mid, low, null]);
    // One of three of class 0 is wrong at `low`: too many for 0.3, but one of four of all is not too many for 0.35.
    assert.deepEqual(fit(0.3), [mid, low, null]);
    assert.deepEqual(fit(0.35), [low, low, null]);
    assert.deepEqual(fit(1), [low, low, high]);
  });

  test('says how it was made, and the least margin only where one was asked for', () => {
    const { thresholds: _, ...rest } = fitStopping(records, 3, { targetError: 0.05, holdBins: 2 });
    assert.deepEqual(rest, { holdBins: 2, targetError: 0.05 });
    const { minMargin } = fitStopping(records, 3, { targetError: 0.05, holdBins: 2, minMargin: 0.25 });
    assert.equal(minMargin, 0.25);
  });

  test('decides nothing where a label is never held for long enough, or without its margin', () => {
    const flicker = [
      recordOf(0, [
        [0, 1],
        [1, 1],
        [0, 1],
        [1, 1],
        [0, 1],
      ]),
    ];
    assert.deepEqual(fitStopping(flicker, 2, { targetError: 1, holdBins: 2 }).thresholds, [null, null]);
    // The last bin is the end of the window, not an early decision.
    const late = [
      recordOf(0, [
        [1, 1],
        [0, 1],
        [0, 1],
      ]),
    ];
    assert.deepEqual(fitStopping(late, 2, { targetError: 1, holdBins: 2 }).thresholds, [null, null]);
    const tight = [
      recordOf(0, [
        [0, 1, 0.25],
        [0, 1, 0.125],
        [0, 1, 0.25],
        [0, 1],
      ]),
    ];
    const options = { targetError: 1, holdBins: 2, minMargin: 0.25 };
    assert.deepEqual(fitStopping(tight, 1, options).thresholds, [null]);
  });

  test('is stricter where classes compete: all decisions together hold the target error', () => {
    // Alone, each class is wrong in one of three at `low`; but class 0 is held first in the window of class 1.
    const rival: RecordRow[] = [
      [0, low],
      [0, low],
      [1, low],
      [1, low],
      [1, 1],
    ];
    const competing = [
      recordOf(0, steady(0, high)),
      recordOf(0, steady(0, low)),
      recordOf(1, rival),
      recordOf(1, steady(1, high)),
      recordOf(0, steady(1, low, 0)),
    ];
    const fit = (targetError: number) => fitStopping(competing, 2, { targetError, holdBins: 2 }).thresholds;
    assert.deepEqual(fit(0.34), [high, high]);
    assert.deepEqual(fit(0.4), [low, low]);
  });

  test('refuses options out of range and no windows', () => {
    const fit = (options: object) => () =>
      fitStopping(records, 3, { targetError: 0.1, holdBins: 2, ...options });
    assert.throws(fit({ targetError: 1.5 }), /targetError is 1.5; it must be within 0..1/);
    assert.throws(fit({ minMargin: -1 }), /minMargin is -1; it must be within 0..1/);
    assert.throws(fit({ holdBins: 6 }), /holdBins is 6; it must be a whole number of bins, 1 to 5/);
    assert.throws(() => fitStopping([], 3, { targetError: 0.1, holdBins: 1 }), /no windows to fit/);
    assert.throws(
      () => measureStopping({ thresholds: [1], holdBins: 1, targetError: 0 }, []),
      /no windows to measure/,
    );
  });
});

describe('a rule', () => {
  const rule: StoppingSpec = { thresholds: [mid, null], minMargin: 0.25, holdBins: 2, targetError: 0.1 };

  test('decides at the first bin at which a label was held for long enough', () => {
    const rows: RecordRow[] = [
      [0, mid],
      [0, low],
      [0, mid],
      [0, mid, 0.25],
      [0, high],
      [0, 1],
    ];
    assert.deepEqual(earlyDecision(rule, recordOf(0, rows)), { bins: 4, label: 0 });
    assert.equal(earlyDecision(rule, recordOf(1, steady(1, 1))), undefined);
    assert.equal(
      earlyDecision(
        rule,
        recordOf(0, [
          [0, 1],
          [1, 1],
          [0, 1],
          [0, 1, 0.125],
          [0, 1],
        ]),
      ),
      undefined,
    );
  });

  test('is measured against the whole windows', () => {
    const records = [
      recordOf(0, steady(0, high)), // early, right both ways
      recordOf(1, steady(0, high, 1)), // early and wrong, right in the end
      recordOf(1, steady(1, high)), // not early, right in the end
      recordOf(1, steady(1, high, 0)), // not early, wrong in the end
    ];
    assert.deepEqual(measureStopping(rule, records), {
      ...{ windows: 4, early: 2, earlyCorrect: 1, earlyCorrectWhole: 2, correct: 2, correctWhole: 3 },
      ...{ meanSavedBins: 1.5, medianSavedBins: 1.5, earliestBins: 2 },
    });
    const never = measureStopping({ ...rule, thresholds: [null, null] }, records);
    assert.deepEqual(
      [never.early, never.correct, never.meanSavedBins, never.medianSavedBins, never.earliestBins],
      [0, 3, 0, 0, null],
    );
  });
});

describe('in a model file', () => {
  const network = smallNetwork();
  const content = (stopping: StoppingSpec): ModelContent => ({
    spec: { ...network.spec, decision: { ...network.spec.decision, stopping } },
    weights: network.weights,
    ...{ version: '2', training: {}, metrics: {}, selfTest: [] },
  });
  const rule: StoppingSpec = { thresholds: [0.5, null, Math.fround(0.9)], holdBins: 3, targetError: 0.05 };

  test('a rule comes back as it was', () => {
    const { spec } = readModel(writeModel(content(rule)), 'm');
    assert.deepEqual(spec.decision.stopping, rule);
    const { spec: other } = readModel(writeModel(content({ ...rule, minMargin: 0.1 })), 'm');
    assert.equal(other.decision.stopping?.minMargin, 0.1);
  });

  test('a rule that cannot be meant is refused', () => {
    assert.throws(
      () => writeModel(content({ ...rule, thresholds: [0.5, null] })),
      /decision.stopping: 2 thresholds for 3 labels/,
    );
    assert.throws(
      () => writeModel(content({ ...rule, holdBins: 999 })),
      /decision.stopping: holdBins 999 is more than the \d+ bins/,
    );
    for (const change of [
      { thresholds: [2, 0, 0] },
      { minMargin: -0.1 },
      { holdBins: 0 },
      { targetError: 2 },
    ])
      assert.throws(
        () => readModel(writeModel(content({ ...rule, ...change })), 'm'),
        /the model's spec is not valid: decision\.stopping\./,
      );
  });
});

describe('one threshold for all classes', () => {
  const fit = (rows: ReturnType<typeof recordOf>[], holdBins = 2) => fitCommonStopping(rows, 3, { holdBins });

  test('is the lowest with which no more windows are wrong than by whole windows', () => {
    const rows = [
      recordOf(0, steady(0, high)),
      recordOf(1, steady(1, mid)),
      // Unsure and wrong before the end, right at the end: deciding at `low` would cost it.
      recordOf(1, steady(0, low, 1)),
    ];
    assert.deepEqual(fit(rows).thresholds, [mid, mid, mid]);
    assert.deepEqual(fit(rows.slice(0, 2)).thresholds, [mid, mid, mid]);
    assert.equal(measureStopping(fit(rows), rows).correct, 3);
    assert.equal(measureStopping(fit(rows), rows).early, 2);
  });

  test('may be wrong early where the whole window is wrong as well; the share is its target error', () => {
    const rows = [recordOf(0, steady(0, high)), recordOf(2, steady(1, mid))];
    assert.deepEqual(fit(rows), { thresholds: [mid, mid, mid], holdBins: 2, targetError: 0.5 });
  });

  test('stops at the first that costs a window, even if a lower one would make up for it', () => {
    const rows = [
      recordOf(1, steady(0, high, 1)),
      recordOf(0, steady(0, mid, 1)),
      recordOf(0, steady(0, mid, 1)),
    ];
    assert.deepEqual(fit(rows).thresholds, [null, null, null]);
  });

  test('is none where nothing is held before the end; no records and bad options are refused', () => {
    assert.deepEqual(fit([recordOf(0, steady(0, high))], 5).thresholds, [null, null, null]);
    assert.throws(() => fit([]), RangeError);
    assert.throws(() => fit([recordOf(0, steady(0, high))], 0), RangeError);
  });
});
