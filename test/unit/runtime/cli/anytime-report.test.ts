import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoppingReport } from '../../../../models/index.js';
import {
  type AnytimeReport,
  anytimeJson,
  anytimeSvg,
  anytimeText,
} from '../../../../runtime/cli/anytime-report.js';
import { assertXml } from '../../../support/xml.js';

const rising = (from: number, to: number): number[] =>
  Array.from({ length: 20 }, (_, i) => from + ((to - from) * (i + 1)) / 20);

const report: AnytimeReport = {
  model: { id: 'grip', version: '3', sha256: 'ab'.repeat(32) },
  engine: 'event',
  input: { taxels: 39, channels: 2, bins: 20, binUs: 50_000 },
  labels: ['press', 'slip', 'none', 'tap'],
  windows: 40,
  psi: 10,
  curve: {
    bins: Array.from({ length: 20 }, (_, i) => i + 1),
    lines: {
      plain: rising(0, 1),
      weighted: [...rising(0, 0.9).slice(0, 15), 0.9, 0.8, 0.9, 0.95, 0.9],
      time: rising(0, 0.5),
      location: rising(0, 0.8),
    },
    answer: 'weighted',
  },
};

const measured: StoppingReport = {
  ...{ windows: 20, early: 10, earlyCorrect: 9, earlyCorrectWhole: 10, correct: 18, correctWhole: 19 },
  ...{ meanSavedBins: 5, medianSavedBins: 4, earliestBins: 6 },
};
const rule = { thresholds: [0.5, 0.9, null, null], holdBins: 4, targetError: 0.05 };
const withRule = { ...report, stopping: { rule, seed: 1, fitted: { ...measured, windows: 21 }, measured } };

test('for people: ten rows, the answer of the network first, and from when on it is as good as at the end', () => {
  const lines = anytimeText(report, false).split('\n');
  assert.deepEqual(lines.slice(0, 3), [
    'accuracy in percent after so much of the window; chance is 25.0',
    '  seen       s  time-weighted, psi 10  hybrid  time branch  location branch',
    '  10 %    0.10                    9.0    10.0          5.0              8.0',
  ]);
  assert.equal(lines.filter((line) => / %/.test(line)).length, 10);
  assert.equal(
    lines.at(-1),
    'the answer (time-weighted, psi 10) is as good as that of the whole window from 0.90 s on',
  );
  assert.doesNotMatch(anytimeText(report, false), /[▁-█]/);
  assert.match(anytimeText(report, true), /^hybrid {17}[▁-█]{19}█$/m);
});

test('a curve of few points has a row for each, once', () => {
  const few = {
    ...report,
    curve: { bins: [8, 16, 20], lines: { time: [0.1, 0.2, 0.3] }, answer: 'time' as const },
  };
  const shares = anytimeText(few, false).match(/^ *\d+ %/gm);
  assert.deepEqual(
    shares?.map((share) => share.trim()),
    ['40 %', '80 %', '100 %'],
  );
});

test('a stopping rule: what it decides early, how rightly, and the time it saves', () => {
  assert.deepEqual(anytimeText(withRule, false).split('\n').slice(-7), [
    'stopping rule: target error 5.0 %, held for 4 bins; fitted on 21 windows, measured on 20 others',
    'decided early          10 of 20 (50.0 %)',
    'right when early       9 of 10 (90.0 %); by the whole window 10 of 10 (100.0 %)',
    'right in all           18 of 20 (90.0 %); by the whole window 19 of 20 (95.0 %)',
    'time saved             mean 0.25 s, median 0.20 s of 1.00 s',
    'earliest decision      0.30 s',
    'never decided early    none, tap',
  ]);
});

test('for programs: the whole curve, and the rule with its figures', () => {
  const json = JSON.parse(JSON.stringify(anytimeJson(withRule)));
  assert.deepEqual(json.curve.weighted, report.curve.lines.weighted);
  assert.deepEqual(json.curve.seconds.slice(0, 2), [0.05, 0.1]);
  const { bins, bin_us, chance, psi, answer, windows, settled_from_bins } = json;
  assert.deepEqual(
    { bins, bin_us, chance, psi, answer, windows, settled_from_bins },
    {
      bins: 20,
      bin_us: 50_000,
      chance: 0.25,
      psi: 10,
      answer: 'weighted',
      windows: 40,
      settled_from_bins: 18,
    },
  );
  assert.deepEqual(json.stopping.rule, rule);
  assert.deepEqual(json.stopping.measured, {
    ...{ windows: 20, early: 10, early_accuracy: 0.9, early_accuracy_whole: 1 },
    ...{ accuracy: 0.9, accuracy_whole: 0.95 },
    ...{ mean_saved_bins: 5, median_saved_bins: 4, earliest_bins: 6 },
  });
});

test('as a picture: a line each, the level of chance, and the whole time', () => {
  const svg = anytimeSvg(report);
  assertXml(svg);
  assert.match(svg, />chance \(4 classes\)</);
  assert.match(svg, />time since the beginning of the window \(s\)</);
  for (const name of ['hybrid', 'time-weighted, psi 10', 'time branch', 'location branch'])
    assert.ok(svg.includes(`>${name}</text>`), name);
});
