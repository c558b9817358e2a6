/**
 * The hybrid networks against their parts on published recordings: 5-fold cross-validation inside the training splits. A
 * fold is looked at once, after the last epoch: no epoch, temperature or recipe is chosen on it.
 */

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { neutouchB, planePositions } from '../../devices/index.js';
import {
  type AnytimeCurve,
  type AnytimeRecord,
  type Dataset,
  fitCommonStopping,
  fitStopping,
  measureStopping,
  minimumSpanningTree,
  type PublishedName,
  publishedSpec,
  type StoppingReport,
  type StoppingSpec,
  seededRandom,
  stratifiedPositions,
} from '../../models/index.js';
import { anytimeSvg } from '../../runtime/cli/anytime-report.js';
import { root } from '../support/paths.js';
import { positive } from '../support/promises.js';
import { recordings, recordingsFile } from './data.js';
import { runAll } from './pool.js';
import { accuracies, accuracyTable, markdown, mean, provenance, type Row, rowsOf } from './report.js';
import type { Study } from './study.js';
import type { Recipe, TrainedResult, TrainingJob } from './training.js';

const folds = 5;
const holdBins = 8;
const targetErrors = [0.02, 0.1];

/** Published psi of the two sets. */
const sets = [
  { set: 'Ev-Objects', psi: 15 },
  { set: 'Ev-Containers', psi: 10 },
] as const;

/**
 * SRM networks as published; LIF networks a fifth as wide in the convolution, with one dense layer of 64 before the
 * output, so that the study takes half an hour. One recipe a neuron type, the same for a hybrid network and its part.
 */
const lif = { convChannels: 12, hidden: [64] };
const recipes: Readonly<Record<'lif' | 'srm', Recipe>> = {
  lif: {
    epochs: 14,
    batchSize: 8,
    loss: { name: 'mse' },
    optimiser: { kind: 'adam', learningRate: 2e-3, amsgrad: true },
    schedule: { 10: 0.3 },
    validation: 0,
  },
  srm: {
    epochs: 40,
    batchSize: 8,
    loss: { name: 'num-spikes' },
    optimiser: { kind: 'rmsprop', learningRate: 0.01 },
    schedule: { 30: 0.3 },
    validation: 0,
  },
};

interface Contender {
  readonly row: string;
  readonly network: PublishedName;
  readonly neuron: 'lif' | 'srm';
  readonly hybrid: boolean;
}

const contenders: readonly Contender[] = [
  { row: 'Hybrid_LIF_GNN type', network: 'hybrid-lif-gnn', neuron: 'lif', hybrid: true },
  { row: 'TactileSGNet type: its time branch', network: 'tactilesgnet', neuron: 'lif', hybrid: false },
  { row: 'Hybrid_SRM_FC type', network: 'hybrid-srm-fc', neuron: 'srm', hybrid: true },
  { row: 'Tactile-SNN type: its time branch', network: 'tactile-snn', neuron: 'srm', hybrid: false },
];

export const study: Study = {
  name: 'recordings',
  about:
    'hybrid networks against their parts on Ev-Objects and Ev-Containers, 5-fold [folds to run, default 5]',
  async run(args) {
    const run = positive('folds', args[0] ?? String(folds));
    const found = sets.filter(({ set }) => existsSync(recordingsFile(set)));
    if (found.length === 0) throw new Error(`the recordings are not there: ${recordingsFile(sets[0].set)}`);
    const sections: string[] = [];
    const figures: Record<string, number> = {};
    for (const { set, psi } of found) {
      const data = await recordings(set);
      console.log(`\n== ${set}: ${data.windows.length} windows, ${data.labels.length} classes`);
      const rows = rowsOf(await runAll(jobsFor(set, psi, data, run)));
      sections.push(section(set, psi, data, rows));
      console.log(sections.at(-1));
      for (const { network, row } of contenders)
        figures[`${set}.${network}`] = round(mean(accuracies(rows.find(({ name }) => name === row)!)));
    }
    const file = join(root, 'test', 'study', 'RECORDINGS.md');
    writeFileSync(file, [head(run), ...sections].join('\n'));
    console.log(`wrote ${file}`);
    return figures;
  },
};

function jobsFor(set: string, psi: number, data: Dataset, run: number): TrainingJob[] {
  const { taxels, bins, binUs } = data.input;
  const taxelEdges = minimumSpanningTree(planePositions(neutouchB));
  const shape = { name: set, labels: data.labels, taxels, bins, binUs };
  return contenders.flatMap(({ row, network, neuron, hybrid }) => {
    const own = neuron === 'lif' ? { ...lif, taxelEdges } : {};
    const order =
      network === 'tactilesgnet' || network === 'tactile-snn'
        ? {}
        : { locationOrder: neutouchB.orders['whorl']! };
    return Array.from({ length: run }, (_, part) => ({
      row,
      spec: publishedSpec(network, { ...shape, ...own, ...order }),
      recipe: recipes[neuron],
      seed: part + 1,
      data: { set, part, parts: folds },
      ...(hybrid ? { anytime: { every: 5, psi } } : {}),
    }));
  });
}

function section(set: string, psi: number, data: Dataset, rows: readonly Row[]): string {
  const hybrids = contenders.filter(({ hybrid }) => hybrid);
  const parts = [`## ${set}\n`, accuracyTable(rows), ''];
  for (const { row, network, neuron } of hybrids) {
    const { results } = rows.find(({ name }) => name === row)!;
    const time = rows.find(
      ({ name }) =>
        name === contenders.find((c) => c.neuron === neuron && c.row.includes('time branch'))!.row,
    )!;
    const gain = 100 * (mean(results.map(({ accuracy }) => accuracy)) - mean(accuracies(time)));
    const better = results.filter(({ accuracy }, i) => accuracy > time.results[i]!.accuracy).length;
    parts.push(
      `${row}: the location branch ${gain >= 0 ? 'adds' : 'costs'} ${Math.abs(gain).toFixed(1)} points to the time branch alone; better in ${better} of ${results.length} folds.\n`,
    );
    const svg = `anytime-${set.toLowerCase()}-${network}.svg`;
    writeFileSync(join(root, 'test', 'study', svg), curveSvg(`${set}, ${row}`, psi, data, results));
    parts.push(`![Accuracy over time](${svg})\n`, earlyTable(data, results), '');
  }
  return parts.join('\n');
}

/** The mean curve of the folds: every window counts once, under the network that has not seen it. */
function curveSvg(title: string, psi: number, data: Dataset, results: readonly TrainedResult[]): string {
  const curves = results.map(({ anytime }) => anytime!.curve);
  const windows = results.map((result) => result.windows);
  const all = windows.reduce((a, b) => a + b, 0);
  const average = (line: keyof AnytimeCurve['lines']): number[] =>
    curves[0]!.bins.map((_, point) =>
      curves.reduce((sum, { lines }, f) => sum + (lines[line]![point]! * windows[f]!) / all, 0),
    );
  const lines = Object.keys(curves[0]!.lines) as (keyof AnytimeCurve['lines'])[];
  return anytimeSvg({
    model: { id: title, version: `${results.length} folds`, sha256: '' },
    engine: 'event',
    input: data.input,
    labels: data.labels,
    windows: all,
    psi,
    curve: {
      bins: curves[0]!.bins,
      lines: Object.fromEntries(lines.map((line) => [line, average(line)])),
      answer: curves[0]!.answer,
    },
  });
}

/**
 * Stopping rules fitted on half of the windows, measured on the other half, and the other way round. All answers are those
 * of networks that had not seen the window.
 */
function earlyTable(data: Dataset, results: readonly TrainedResult[]): string {
  const records = results.flatMap(({ anytime }) => anytime!.records);
  const { rest, held } = stratifiedPositions(
    records.map(({ target }) => target),
    0.5,
    seededRandom(1),
  );
  const halves = [rest, held].map((positions) => positions.map((i) => records[i]!));
  const classes = data.labels.length;
  const line = (name: string, fit: (fitOn: readonly AnytimeRecord[]) => StoppingSpec): string[] => {
    const found = halves.map((fitOn, h) => measureStopping(fit(fitOn), halves[1 - h]!));
    return earlyLine(name, found, records, data.input.binUs / 1e6);
  };
  const lines = [
    line('one threshold, equal accuracy', (fitOn) => fitCommonStopping(fitOn, classes, { holdBins })),
    ...targetErrors.map((targetError) =>
      line(`one a class, target error ${(100 * targetError).toFixed(0)} %`, (fitOn) =>
        fitStopping(fitOn, classes, { targetError, holdBins }),
      ),
    ),
  ];
  return markdown(
    [
      'stopping rule',
      'decided early',
      'right, with the rule',
      'right, whole windows',
      'mean time saved',
      'of',
      'earliest',
    ],
    lines,
  );
}

function earlyLine(
  name: string,
  found: readonly StoppingReport[],
  records: readonly AnytimeRecord[],
  binS: number,
): string[] {
  const total = (value: (report: StoppingReport) => number): number =>
    found.reduce((sum, report) => sum + value(report), 0);
  const windows = total((report) => report.windows);
  const share = (part: number): string => `${((100 * part) / windows).toFixed(1)} %`;
  const earliest = found.map(({ earliestBins }) => earliestBins ?? Number.POSITIVE_INFINITY);
  return [
    name,
    share(total(({ early }) => early)),
    share(total(({ correct }) => correct)),
    share(total(({ correctWhole }) => correctWhole)),
    `${((total((report) => report.meanSavedBins * report.windows) / windows) * binS).toFixed(2)} s`,
    `${(records[0]!.labels.length * binS).toFixed(1)} s`,
    Number.isFinite(Math.min(...earliest)) ? `${(Math.min(...earliest) * binS).toFixed(2)} s` : 'never',
  ];
}

function head(run: number): string {
  return `# Hybrid networks against their parts, on published recordings

Made by \`npm run study -- recordings\` (${run} of ${folds} folds; ${provenance()}); do not edit.

Training splits of Ev-Objects and Ev-Containers (Gu et al., IROS 2020) only: 5-fold cross-validation, each fold measured
once after the last epoch. LIF networks: 12 channels and dense 64 (published: 64 and 128, 256), MSE, Adam (AMSGrad) 0.002,
${recipes.lif.epochs} epochs. SRM networks: published sizes, num-spikes, RMSprop 0.01, ${recipes.srm.epochs} epochs. Taxel graph and location order (whorl) by
the corrected map. The deviation is that of the folds. Energy is an estimate at 45 nm (4.6 pJ a multiply-accumulate, 0.9 pJ an
accumulate); "equal shape" is the network without spikes of the same layers and steps. Training times are those of a
machine with other work.
`;
}

function round(value: number): number {
  return Number(value.toFixed(4));
}
