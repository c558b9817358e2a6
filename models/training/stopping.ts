/** When an answer during the touch may be taken for the last one: thresholds a class, fitted on validation windows. */
import type { StoppingSpec } from '../network/spec.js';
import type { AnytimeRecord } from './anytime.js';

export interface StoppingOptions {
  /** Share of early decisions that may be wrong, 0..1. */
  readonly targetError: number;
  /** Bins for which a label must have passed without a break, from 1. */
  readonly holdBins: number;
  /** Least lead over the next class, 0..1. Default 0. */
  readonly minMargin?: number;
}

/** What a stopping rule does to windows. */
export interface StoppingReport {
  readonly windows: number;
  /** Windows decided before their last bin, and how many of them rightly. */
  readonly early: number;
  readonly earlyCorrect: number;
  /** Of the windows decided early, those that the whole window decides rightly. */
  readonly earlyCorrectWhole: number;
  /** Windows decided rightly: early where the rule says so, by the whole window otherwise. */
  readonly correct: number;
  /** Windows that the whole window decides rightly. */
  readonly correctWhole: number;
  /** Bins that the rule saves, over all windows; one that is not decided early saves none. */
  readonly meanSavedBins: number;
  readonly medianSavedBins: number;
  /** Bins seen by the earliest decision; null where none is early. */
  readonly earliestBins: number | null;
}

/**
 * Fits the thresholds of a stopping rule, by this heuristic:
 *
 * 1. For class c, the peak of a window is the highest threshold with which it would be decided as c before its last bin:
 *    over all `holdBins` successive bins that have the label c and the least margin, the largest of the least confidences.
 *    Windows without such bins have no peak for c.
 * 2. For an allowed error a, the threshold of c is the lowest peak p for which, among the windows with a peak for c of at
 *    least p, the share that is not of class c is at most a; null where there is none.
 * 3. Classes compete: the first to be held decides a window, which changes the shares. So a is the highest of the error
 *    shares of step 2, up to the target error, with which all early decisions together are wrong in at most the target
 *    error of the cases. Where there is none, all thresholds are null.
 *
 * The same records give the same rule. A higher target error gives no higher threshold, so it never decides later. The
 * bound holds on the windows given, not on others: measure on windows that were not used here. Of n windows of a peak for
 * a class, an error below 1/n allows none to be wrong, so few windows make a rule that is careful and still unproven.
 *
 * @param records one a validation window, all of the same number of bins, from `evaluateAnytime`
 * @param classes number of classes of the network
 * Throws RangeError for no records or an option out of range.
 */
export function fitStopping(
  records: readonly AnytimeRecord[],
  classes: number,
  options: StoppingOptions,
): StoppingSpec {
  checkOptions(records, options);
  const { targetError, holdBins, minMargin = 0 } = options;
  const ladders = Array.from({ length: classes }, (_, label) =>
    ladder(records, label, { holdBins, minMargin }),
  );
  const rule = (allowed: number): StoppingSpec => ({
    thresholds: ladders.map((rungs) => rungs.findLast(({ error }) => error <= allowed)?.threshold ?? null),
    ...(options.minMargin === undefined ? {} : { minMargin }),
    holdBins,
    targetError,
  });
  const errors = [...new Set(ladders.flat().map(({ error }) => error))].sort((a, b) => b - a);
  for (const allowed of errors) {
    if (allowed > targetError) continue;
    const fitted = rule(allowed);
    const { early, earlyCorrect } = measureStopping(fitted, records);
    if (early - earlyCorrect <= targetError * early) return fitted;
  }
  return rule(-1);
}

/** The first early decision of a rule in a window: the bins that it has seen, and its class; undefined if there is none. */
export function earlyDecision(
  { thresholds, minMargin = 0, holdBins }: StoppingSpec,
  { labels, confidences, margins }: AnytimeRecord,
): { readonly bins: number; readonly label: number } | undefined {
  let held = 0;
  for (let bin = 0; bin < labels.length - 1; bin++) {
    const label = labels[bin]!;
    const threshold = thresholds[label] ?? Number.POSITIVE_INFINITY;
    if (!(confidences[bin]! >= threshold && margins[bin]! >= minMargin)) held = 0;
    else held = held > 0 && labels[bin - 1] === label ? held + 1 : 1;
    if (held >= holdBins) return { bins: bin + 1, label };
  }
  return undefined;
}

/** What a rule does to these windows. Throws RangeError for no records. */
export function measureStopping(rule: StoppingSpec, records: readonly AnytimeRecord[]): StoppingReport {
  if (records.length === 0) throw new RangeError('there are no windows to measure a stopping rule on');
  const windows = records.map((record) => {
    const { target, labels } = record;
    const decision = earlyDecision(rule, record);
    const whole = labels.at(-1) === target;
    return {
      isEarly: decision !== undefined,
      whole,
      right: decision === undefined ? whole : decision.label === target,
      seen: decision?.bins ?? labels.length,
      saved: labels.length - (decision?.bins ?? labels.length),
    };
  });
  const early = windows.filter(({ isEarly }) => isEarly);
  const saved = windows.map((window) => window.saved).sort((a, b) => a - b);
  return {
    windows: windows.length,
    early: early.length,
    earlyCorrect: early.filter(({ right }) => right).length,
    earlyCorrectWhole: early.filter(({ whole }) => whole).length,
    correct: windows.filter(({ right }) => right).length,
    correctWhole: windows.filter(({ whole }) => whole).length,
    meanSavedBins: saved.reduce((a, b) => a + b, 0) / saved.length,
    medianSavedBins: median(saved),
    earliestBins: early.length === 0 ? null : Math.min(...early.map(({ seen }) => seen)),
  };
}

/** A threshold, and the share of wrong windows among those with at least this peak. */
interface Rung {
  readonly threshold: number;
  readonly error: number;
}

/** Every threshold that makes a difference for a class, the highest first. */
function ladder(records: readonly AnytimeRecord[], label: number, hold: Hold): readonly Rung[] {
  const found = records
    .map((record) => ({ peak: peakOf(record, label, hold), isWrong: record.target !== label }))
    .filter(({ peak }) => peak !== undefined)
    .sort((a, b) => b.peak! - a.peak!);
  const rungs: Rung[] = [];
  let wrong = 0;
  for (const [i, { peak, isWrong }] of found.entries()) {
    if (isWrong) wrong++;
    // Windows with the same peak are decided together.
    if (found[i + 1]?.peak !== peak) rungs.push({ threshold: peak!, error: wrong / (i + 1) });
  }
  return rungs;
}

type Hold = Required<Pick<StoppingOptions, 'holdBins' | 'minMargin'>>;

function peakOf(
  { labels, confidences, margins }: AnytimeRecord,
  label: number,
  { holdBins, minMargin }: Hold,
): number | undefined {
  let peak: number | undefined;
  let run = 0;
  for (let bin = 0; bin < labels.length - 1; bin++) {
    run = labels[bin] === label && margins[bin]! >= minMargin ? run + 1 : 0;
    if (run < holdBins) continue;
    const least = Math.min(...confidences.subarray(bin + 1 - holdBins, bin + 1));
    if (peak === undefined || least > peak) peak = least;
  }
  return peak;
}

function median(ascending: readonly number[]): number {
  const half = ascending.length >> 1;
  return ascending.length % 2 === 1 ? ascending[half]! : (ascending[half - 1]! + ascending[half]!) / 2;
}

function checkOptions(records: readonly AnytimeRecord[], options: StoppingOptions): void {
  const { targetError, holdBins, minMargin = 0 } = options;
  const bins = records[0]?.labels.length;
  if (bins === undefined) throw new RangeError('there are no windows to fit a stopping rule on');
  if (!(targetError >= 0 && targetError <= 1))
    throw new RangeError(`targetError is ${targetError}; it must be within 0..1`);
  if (!(minMargin >= 0 && minMargin <= 1))
    throw new RangeError(`minMargin is ${minMargin}; it must be within 0..1`);
  if (!(Number.isInteger(holdBins) && holdBins >= 1 && holdBins <= bins))
    throw new RangeError(`holdBins is ${holdBins}; it must be a whole number of bins, 1 to ${bins}`);
}

/**
 * Fits one threshold for all classes: the lowest confidence with which, held for `holdBins` bins, at least as many of
 * these windows are decided rightly as by whole windows, and so with every higher one. For few windows of a class, from
 * which thresholds of their own cannot be learned. Null for all classes where no confidence does that before the last bin.
 *
 * @param records one a validation window, all of the same number of bins, from `evaluateAnytime`
 * @param classes number of classes of the network
 * Throws RangeError for no records or an option out of range.
 */
export function fitCommonStopping(
  records: readonly AnytimeRecord[],
  classes: number,
  options: Omit<StoppingOptions, 'targetError'>,
): StoppingSpec {
  checkOptions(records, { ...options, targetError: 0 });
  const { holdBins, minMargin } = options;
  const rule = (threshold: number | null): StoppingSpec => ({
    thresholds: new Array<number | null>(classes).fill(threshold),
    ...(minMargin === undefined ? {} : { minMargin }),
    holdBins,
    targetError: 0,
  });
  let best: { threshold: number; report: StoppingReport } | undefined;
  for (const threshold of commonThresholds(records, { holdBins, minMargin: minMargin ?? 0 })) {
    const report = measureStopping(rule(threshold), records);
    if (report.correct < report.correctWhole) break;
    best = { threshold, report };
  }
  if (best === undefined || best.report.early === 0) return rule(null);
  const { early, earlyCorrect } = best.report;
  return { ...rule(best.threshold), targetError: (early - earlyCorrect) / early };
}

/** Every threshold that makes a difference when it is the same for all classes, the highest first. */
function commonThresholds(records: readonly AnytimeRecord[], hold: Hold): number[] {
  const peaks = records.flatMap((record) =>
    [...new Set(record.labels)]
      .map((label) => peakOf(record, label, hold))
      .filter((peak) => peak !== undefined),
  );
  return [...new Set(peaks)].sort((a, b) => b - a);
}
