/** Tables of studies: a row a network, figures over its trainings. */
import { cpus, totalmem } from 'node:os';
import type { TrainedResult } from './training.js';

export interface Row {
  readonly name: string;
  readonly results: readonly TrainedResult[];
}

/** Results by row, in the order in which rows first appear. */
export function rowsOf(results: readonly TrainedResult[]): Row[] {
  const rows = new Map<string, TrainedResult[]>();
  for (const result of results) rows.set(result.row, [...(rows.get(result.row) ?? []), result]);
  return [...rows].map(([name, of]) => ({ name, results: of }));
}

export function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** Sample standard deviation; 0 for one value. */
export function deviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1));
}

export function accuracies({ results }: Row): number[] {
  return results.map(({ accuracy }) => accuracy);
}

const percent = (share: number): string => (100 * share).toFixed(1);

/** Markdown, best accuracy first. */
export function accuracyTable(rows: readonly Row[]): string {
  const ranked = [...rows].sort((a, b) => mean(accuracies(b)) - mean(accuracies(a)));
  const lines = ranked.map((row) => {
    const { results } = row;
    const of = (value: (result: TrainedResult) => number): number => mean(results.map(value));
    const found = accuracies(row);
    return [
      row.name,
      `${percent(mean(found))} ± ${percent(deviation(found))}`,
      percent(of(({ trainAccuracy }) => trainAccuracy)),
      thousands(of(({ parameters }) => parameters)),
      thousands(of(({ synapticOps }) => synapticOps)),
      of(({ energyUj }) => energyUj).toPrecision(3),
      `${(of(({ equalShapeUj }) => equalShapeUj) / of(({ energyUj }) => energyUj)).toFixed(0)}x`,
      of(({ seconds }) => seconds).toFixed(0),
    ];
  });
  return markdown(
    [
      'network',
      'accuracy %, mean ± deviation',
      'training %',
      'parameters',
      'synaptic operations a window',
      'synaptic energy, uJ (est.)',
      'equal shape without spikes takes',
      'training s',
    ],
    lines,
  );
}

export function markdown(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [row(head), row(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...lines.map(row)].join('\n');
}

/** Of the machine and the day, for the head of a report. */
export function provenance(): string {
  const [first] = cpus();
  return `${new Date().toISOString().slice(0, 10)}, ${first?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}`;
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en');
}
