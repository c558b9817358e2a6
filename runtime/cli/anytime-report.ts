/** Accuracy over time for people, for programs and as a picture. Pure. */
import {
  ANYTIME_LINES,
  type AnytimeCurve,
  type AnytimeLine,
  type InputSpec,
  type StoppingReport,
  type StoppingSpec,
} from '../../models/index.js';
import { sparkline } from '../live-view/paint.js';
import { lineChart } from '../svg/line-chart.js';

/** What was measured of a model during the touch. */
export interface AnytimeReport {
  readonly model: { readonly id: string; readonly version: string; readonly sha256: string };
  readonly engine: string;
  readonly input: InputSpec;
  readonly labels: readonly string[];
  readonly windows: number;
  readonly psi?: number;
  readonly curve: AnytimeCurve;
  readonly stopping?: StoppingResult;
}

/** A rule, fitted on some of the windows and measured on the others. */
export interface StoppingResult {
  readonly rule: StoppingSpec;
  readonly seed: number;
  readonly fitted: StoppingReport;
  readonly measured: StoppingReport;
}

const rows = 10;
const sparkCells = 40;

/** @param pretty with a small picture of each line */
export function anytimeText(report: AnytimeReport, pretty: boolean): string {
  const { curve, labels, stopping } = report;
  const lines = linesOf(curve);
  const names = lines.map((line) => lineName(line, report));
  const widths = names.map((name) => Math.max(name.length, 5) + 2);
  const cells = (texts: readonly string[]): string =>
    texts.map((text, i) => text.padStart(widths[i]!)).join('');
  const table = [
    `${'seen'.padStart(6)}${'s'.padStart(8)}${cells(names)}`,
    ...tablePoints(curve).map((point) => {
      const seen = Math.round((100 * curve.bins[point]!) / report.input.bins);
      const values = lines.map((line) => percent(curve.lines[line]![point]!));
      return `${`${seen} %`.padStart(6)}${seconds(curve.bins[point]!, report).toFixed(2).padStart(8)}${cells(values)}`;
    }),
  ];
  const longest = Math.max(...names.map((name) => name.length));
  const sparks = lines.map((line, i) => `${names[i]!.padEnd(longest)}  ${spark(curve.lines[line]!)}`);
  const settled = seconds(curve.bins[settledFrom(curve)]!, report);
  return [
    `accuracy in percent after so much of the window; chance is ${percent(1 / labels.length)}`,
    ...table,
    ...(pretty ? ['', ...sparks] : []),
    '',
    `the answer (${lineName(curve.answer, report)}) is as good as that of the whole window from ${settled.toFixed(2)} s on`,
    ...(stopping === undefined ? [] : ['', ...stoppingText(stopping, report)]),
  ].join('\n');
}

/** For programs: times in bins and seconds, accuracies 0..1. */
export function anytimeJson(report: AnytimeReport): object {
  const { model, engine, input, windows, labels, psi, curve, stopping } = report;
  return {
    model,
    engine,
    windows,
    labels,
    bins: input.bins,
    bin_us: input.binUs,
    chance: 1 / labels.length,
    ...(psi === undefined ? {} : { psi }),
    answer: curve.answer,
    curve: {
      bins: curve.bins,
      seconds: curve.bins.map((bins) => seconds(bins, report)),
      ...curve.lines,
    },
    settled_from_bins: curve.bins[settledFrom(curve)],
    ...(stopping === undefined
      ? {}
      : {
          stopping: {
            rule: stopping.rule,
            seed: stopping.seed,
            fitted: stoppingFigures(stopping.fitted),
            measured: stoppingFigures(stopping.measured),
          },
        }),
  };
}

/** What a rule did, by the names that JSON and model files have for it. */
export function stoppingFigures(of: StoppingReport) {
  return {
    windows: of.windows,
    early: of.early,
    early_accuracy: of.early === 0 ? null : of.earlyCorrect / of.early,
    early_accuracy_whole: of.early === 0 ? null : of.earlyCorrectWhole / of.early,
    accuracy: of.correct / of.windows,
    accuracy_whole: of.correctWhole / of.windows,
    mean_saved_bins: of.meanSavedBins,
    median_saved_bins: of.medianSavedBins,
    earliest_bins: of.earliestBins,
  };
}

/** The curves as an SVG document. */
export function anytimeSvg(report: AnytimeReport): string {
  const { curve, model, labels } = report;
  return lineChart({
    title: `Accuracy during the touch: ${model.id} ${model.version}, ${report.windows} windows`,
    x: { title: 'time since the beginning of the window (s)', max: seconds(report.input.bins, report) },
    y: { title: 'accuracy (%)', max: 100 },
    lines: linesOf(curve).map((line) => ({
      name: lineName(line, report),
      look: ANYTIME_LINES.indexOf(line),
      points: curve.bins.map((bins, i) => [seconds(bins, report), 100 * curve.lines[line]![i]!] as const),
    })),
    level: { name: `chance (${labels.length} classes)`, y: 100 / labels.length },
  });
}

/** First point from which on the answer is never worse than that of the whole window. */
function settledFrom({ lines, answer }: AnytimeCurve): number {
  const accuracy = lines[answer]!;
  return accuracy.findLastIndex((value) => value < accuracy.at(-1)!) + 1;
}

function stoppingText({ rule, fitted, measured }: StoppingResult, report: AnytimeReport): string[] {
  const { targetError, holdBins, thresholds } = rule;
  const never = report.labels.filter((_, c) => thresholds[c] === null);
  const whole = report.input.bins;
  const time = (bins: number): string => `${seconds(bins, report).toFixed(2)} s`;
  const of = (part: number, all: number): string => `${part} of ${all} (${percent(part / all)} %)`;
  const { windows, early, earlyCorrect, earlyCorrectWhole, correct, correctWhole } = measured;
  const lines = [
    `stopping rule: target error ${percent(targetError)} %, held for ${holdBins} bins; fitted on ${fitted.windows} windows, measured on ${windows} others`,
    `decided early          ${of(early, windows)}`,
  ];
  if (early > 0)
    lines.push(
      `right when early       ${of(earlyCorrect, early)}; by the whole window ${of(earlyCorrectWhole, early)}`,
    );
  lines.push(
    `right in all           ${of(correct, windows)}; by the whole window ${of(correctWhole, windows)}`,
    `time saved             mean ${time(measured.meanSavedBins)}, median ${time(measured.medianSavedBins)} of ${time(whole)}`,
  );
  if (measured.earliestBins !== null) lines.push(`earliest decision      ${time(measured.earliestBins)}`);
  if (never.length > 0) lines.push(`never decided early    ${never.join(', ')}`);
  return lines;
}

/** The network's own answer first. */
function linesOf({ lines, answer }: AnytimeCurve): AnytimeLine[] {
  const found = ANYTIME_LINES.filter((line) => lines[line] !== undefined && line !== answer);
  return [answer, ...found];
}

function lineName(line: AnytimeLine, { psi }: AnytimeReport): string {
  return {
    fused: 'fused layer',
    plain: 'hybrid',
    weighted: `time-weighted, psi ${psi}`,
    time: 'time branch',
    location: 'location branch',
  }[line];
}

/** Points nearest below each tenth of the window, each once. */
function tablePoints({ bins }: AnytimeCurve): number[] {
  const whole = bins.at(-1)!;
  const points = Array.from({ length: rows }, (_, i) =>
    bins.findLastIndex((seen) => seen <= (whole * (i + 1)) / rows + 1e-9),
  );
  return [...new Set(points)].filter((point) => point >= 0);
}

function spark(values: readonly number[]): string {
  const cells = Math.min(sparkCells, values.length);
  const chosen = Array.from(
    { length: cells },
    (_, i) => values[Math.ceil(((i + 1) * values.length) / cells) - 1]!,
  );
  return sparkline(chosen, cells);
}

function seconds(bins: number, { input }: Pick<AnytimeReport, 'input'>): number {
  return (bins * input.binUs) / 1e6;
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}
