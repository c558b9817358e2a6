import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Decider, type EarlyTest, type Verdict } from '../../../../runtime/edge/decider.js';

/** [bin, label, confidence, margin]; `final` is the last of the rows given to `end`. */
type Row = readonly [bin: number, labelId: number, confidence: number, margin: number];

const early: EarlyTest = { minConfidence: 0.8, minMargin: 0.3, holdBins: 3 };

function decider(): Decider {
  return new Decider();
}

function watch(of: Decider, rows: readonly Row[], final?: Row, window = 0, test?: EarlyTest): Verdict[] {
  return [...rows, ...(final === undefined ? [] : [final])].map((row) => {
    const [bin, labelId, confidence, margin] = row;
    return of.observe(
      { window, bin, final: row === final, labelId, confidence, margin },
      { early: test ?? early, minConfidence: 0.5 },
    );
  });
}

const brief = (verdicts: readonly Verdict[]): string[] =>
  verdicts.map(({ decided, decision, revised }) =>
    [decided ? 'decided' : '-', decision, revised ? 'revised' : undefined]
      .filter((word) => word !== undefined)
      .join(' '),
  );

test('decided when the test has been passed for long enough, told once', () => {
  const rows: Row[] = [
    [1, 4, 0.9, 0.5],
    [2, 4, 0.9, 0.5],
    [3, 4, 0.9, 0.5],
    [4, 4, 0.9, 0.5],
  ];
  assert.deepEqual(brief(watch(decider(), rows, [5, 4, 0.9, 0.5])), [
    '-',
    '-',
    'decided threshold',
    'decided',
    'decided',
  ]);
});

test('a break begins the hold anew: too little confidence, too little margin, another label', () => {
  for (const pause of [[3, 4, 0.79, 0.5] as const, [3, 4, 0.9, 0.29] as const, [3, 5, 0.9, 0.5] as const]) {
    const before: Row[] = [
      [1, 4, 0.9, 0.5],
      [2, 4, 0.9, 0.5],
    ];
    const after: Row[] = [
      [4, 4, 0.9, 0.5],
      [5, 4, 0.9, 0.5],
      [6, 4, 0.8, 0.3],
    ];
    assert.deepEqual(brief(watch(decider(), [...before, pause, ...after])).at(-1), 'decided threshold');
    assert.ok(
      brief(watch(decider(), [...before, pause, ...after]))
        .slice(0, -1)
        .every((v) => v === '-'),
    );
  }
});

test('bins count, not answers: bins that came together have been held together', () => {
  const rows: Row[] = [
    [10, 4, 0.9, 0.5],
    [15, 4, 0.9, 0.5],
  ];
  assert.deepEqual(brief(watch(decider(), rows)), ['-', 'decided threshold']);
});

test('a decision stays while the network is unsure; contradictions are marked and not decided', () => {
  const rows: Row[] = [
    [1, 4, 0.9, 0.5],
    [3, 4, 0.9, 0.5],
    [4, 4, 0.2, 0.01],
    [5, 7, 0.6, 0.1],
    [6, 4, 0.2, 0.01],
  ];
  assert.deepEqual(brief(watch(decider(), rows)), [
    '-',
    'decided threshold',
    'decided',
    '- revised',
    'decided',
  ]);
});

test('another label that passes the same test is a revision and a new decision', () => {
  const rows: Row[] = [
    [1, 4, 0.9, 0.5],
    [3, 4, 0.9, 0.5],
    [4, 7, 0.9, 0.5],
    [6, 7, 0.9, 0.5],
    [7, 7, 0.9, 0.5],
  ];
  assert.deepEqual(brief(watch(decider(), rows)), [
    '-',
    'decided threshold',
    '- revised',
    'decided threshold revised',
    'decided',
  ]);
});

test('the end of the window decides what was not decided, by its own threshold, and revises', () => {
  assert.deepEqual(brief(watch(decider(), [[1, 4, 0.6, 0.1]], [9, 4, 0.5, 0])), ['-', 'decided window_end']);
  assert.deepEqual(brief(watch(decider(), [], [9, 4, 0.49, 0.4])), ['-']);
  const sure: Row[] = [
    [1, 4, 0.9, 0.5],
    [3, 4, 0.9, 0.5],
  ];
  assert.deepEqual(brief(watch(decider(), sure, [9, 7, 0.6, 0.1])).at(-1), 'decided window_end revised');
  assert.deepEqual(brief(watch(decider(), sure, [9, 7, 0.4, 0.1])).at(-1), '- revised');
  assert.deepEqual(brief(watch(decider(), sure, [9, 4, 0.3, 0.1])).at(-1), 'decided');
});

test('overlapping windows are decided apart, and forgotten in order', () => {
  const both = decider();
  const sure = (bin: number): Row => [bin, 4, 0.9, 0.5];
  assert.deepEqual(brief(watch(both, [sure(1), sure(3)], undefined, 5)).at(-1), 'decided threshold');
  assert.deepEqual(brief(watch(both, [sure(1), sure(3)], undefined, 6)).at(-1), 'decided threshold');
  // Window 5 gets no last answer; that of window 6 ends both.
  watch(both, [], sure(9), 6);
  assert.deepEqual(brief(watch(both, [sure(4)], undefined, 5)), ['-']);
});

test('with a threshold a class: each by its own, none for a class that is never decided early', () => {
  const test: EarlyTest = { minConfidence: [0.5, 0.9, null], minMargin: 0, holdBins: 2 };
  const of = (labelId: number, confidence: number): string[] => {
    const rows = [1, 2].map((bin): Row => [bin, labelId, confidence, 0]);
    return brief(watch(decider(), rows, undefined, 0, test));
  };
  assert.deepEqual(of(0, 0.5), ['-', 'decided threshold']);
  assert.deepEqual(of(0, 0.49), ['-', '-']);
  assert.deepEqual(of(1, 0.89), ['-', '-']);
  assert.deepEqual(of(1, 0.9), ['-', 'decided threshold']);
  assert.deepEqual(of(2, 1), ['-', '-']);
  assert.deepEqual(of(3, 1), ['-', '-'], 'nor for one that the rule does not know');
});
