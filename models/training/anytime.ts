/** How good the answers during the touch are: accuracy after every so many bins. */
import type { Executor } from '../engine/engine.js';
import { type Decision, decide } from '../network/decision.js';
import type { NetworkSpec } from '../network/spec.js';
import { cellsByBin } from '../network/window.js';
import type { Dataset } from './dataset.js';

/**
 * Answers that one and the same stream gives:
 *   plain     the branches fused by the rule of the spec, each counting the same throughout
 *   weighted  the branches fused with lambda(t); see `DecisionSpec.psi`
 *   time      the time branch alone
 *   location  the location branch alone
 *   fused     the last layer over both branches, where the network has one
 */
export const ANYTIME_LINES = ['plain', 'weighted', 'time', 'location', 'fused'] as const;
export type AnytimeLine = (typeof ANYTIME_LINES)[number];

/** Accuracy over time. */
export interface AnytimeCurve {
  /** Bins seen at each point, ascending; the last point is the whole window. */
  readonly bins: readonly number[];
  /** Accuracy at each point, 0..1, of the answers that this network has. */
  readonly lines: { readonly [L in AnytimeLine]?: readonly number[] };
  /** The line that is the network's own answer, with the psi that was given. */
  readonly answer: AnytimeLine;
}

/** What a network said of one window after each bin; all arrays have one entry a bin. */
export interface AnytimeRecord {
  /** The true class. */
  readonly target: number;
  readonly labels: Uint16Array;
  readonly confidences: Float32Array;
  readonly margins: Float32Array;
}

export interface AnytimeEvaluation {
  readonly curve: AnytimeCurve;
  /** The network's own answers, in the order of the data. */
  readonly records: readonly AnytimeRecord[];
}

export interface AnytimeOptions {
  /** Bins between two points of the curve, from 1. Default 1. */
  readonly every?: number;
  /** Takes the place of the spec's psi, above 0; without either there is no weighted line. */
  readonly psi?: number;
  /** Called after each window with the number done. */
  readonly onProgress?: (done: number) => void;
}

/**
 * Takes every window through a stream, once, and gives the accuracy after every `every` bins and after the last.
 * Throws Error for an engine that cannot answer during the touch, RangeError for data without windows or a bad option.
 */
export async function evaluateAnytime(
  executor: Executor,
  data: Dataset,
  options: AnytimeOptions = {},
): Promise<AnytimeEvaluation> {
  const { every = 1, psi = executor.spec.decision.psi, onProgress = () => {} } = options;
  if (!(Number.isInteger(every) && every >= 1))
    throw new RangeError(`every is ${every}; it must be a whole number of bins from 1`);
  if (psi !== undefined && !(psi > 0 && Number.isFinite(psi)))
    throw new RangeError(`psi is ${psi}; it must be a finite number above 0`);
  if (data.windows.length === 0) throw new RangeError('there are no windows to evaluate');
  const stream = executor.stream?.();
  if (stream === undefined) {
    throw new Error(
      `engine ${executor.engine} answers whole windows only; accuracy over time needs one that answers bin by bin, such as event`,
    );
  }
  const { input } = executor.spec;
  const answers = answersOf(executor.spec, psi);
  const bins = Array.from({ length: Math.ceil(input.bins / every) }, (_, i) =>
    Math.min(input.bins, (i + 1) * every),
  );
  const correct = answers.map(() => new Uint32Array(bins.length));
  const records: AnytimeRecord[] = [];
  for (const [i, window] of data.windows.entries()) {
    const target = data.targets[i]!;
    const record = emptyRecord(target, input.bins);
    let point = 0;
    for (const [bin, cells] of cellsByBin(input, window).entries()) {
      const said = stream.push(cells);
      const progress = (bin + 1) / input.bins;
      keep(record, bin, decide(answers[0]!.spec, said, progress));
      if (bin + 1 !== bins[point]) continue;
      for (const [a, { spec }] of answers.entries())
        if (decide(spec, said, progress).labelId === target) correct[a]![point]! += 1;
      point++;
    }
    stream.reset();
    records.push(record);
    onProgress(i + 1);
    await new Promise(setImmediate); // others may run: windows of a large network take a while
  }
  const lines = answers.map(({ line }, a) => [line, Array.from(correct[a]!, (n) => n / records.length)]);
  return { curve: { bins, lines: Object.fromEntries(lines), answer: answers[0]!.line }, records };
}

/** The network as each of its answers sees it; the first is its own answer. */
function answersOf(
  spec: NetworkSpec,
  psi: number | undefined,
): readonly { readonly line: AnytimeLine; readonly spec: NetworkSpec }[] {
  const { fused, time, location, ...rest } = spec;
  const alone = [
    ...(time === undefined ? [] : [{ line: 'time' as const, spec: { ...rest, time } }]),
    ...(location === undefined ? [] : [{ line: 'location' as const, spec: { ...rest, location } }]),
  ];
  if (time === undefined || location === undefined) return alone;
  const { psi: _, ...decision } = spec.decision;
  const both = { ...rest, time, location };
  return [
    ...(fused === undefined ? [] : [{ line: 'fused' as const, spec }]),
    ...(psi === undefined
      ? []
      : [{ line: 'weighted' as const, spec: { ...both, decision: { ...decision, psi } } }]),
    { line: 'plain', spec: { ...both, decision } },
    ...alone,
  ];
}

function emptyRecord(target: number, bins: number): AnytimeRecord {
  return {
    target,
    labels: new Uint16Array(bins),
    confidences: new Float32Array(bins),
    margins: new Float32Array(bins),
  };
}

function keep(record: AnytimeRecord, bin: number, { labelId, confidence, margin }: Decision): void {
  record.labels[bin] = labelId;
  record.confidences[bin] = confidence;
  record.margins[bin] = margin;
}
