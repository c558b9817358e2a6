/** An evaluation for people and for programs. */
import { type Dataset, type Evaluation, equalShapeCost, type Model } from '../../models/index.js';
import { energyJson } from './energy.js';

export function evaluationJson(
  model: Model,
  engine: string,
  data: Dataset,
  result: Evaluation,
  msPerWindow: number,
): object {
  const { labels } = model.spec;
  return {
    accuracy: result.accuracy,
    correct: result.correct,
    total: result.total,
    model: { id: model.id, version: model.version, sha256: model.sha256 },
    engine,
    ms_per_window: Number(msPerWindow.toFixed(3)),
    synaptic_ops_per_window: Math.round(result.synapticOps),
    energy: energyJson(result.ledger, equalShapeCost(model.spec)),
    labels,
    confusion: result.confusion,
    windows: data.names.map((name, i) => ({
      name,
      label: data.labels[data.targets[i]!],
      predicted: labels[result.predicted[i]!],
      confidence: Number(result.confidences[i]!.toFixed(4)),
    })),
  };
}

/**
 * Confusion matrix in text, one row a true class. Up to 12 classes as a full matrix; beyond, each class with what it is
 * mistaken for.
 */
export function confusionTable(labels: readonly string[], confusion: readonly (readonly number[])[]): string {
  return labels.length <= 12 ? matrix(labels, confusion) : mistakes(labels, confusion);
}

const corner = 'true \\ said';

function matrix(labels: readonly string[], confusion: readonly (readonly number[])[]): string {
  const longest = Math.max(...labels.map((label) => label.length));
  const left = Math.max(corner.length, longest) + 1;
  const width = Math.max(5, longest) + 1;
  const head = `${corner.padEnd(left)}${labels.map((label) => label.padStart(width)).join('')}`;
  const rows = confusion.map((row, target) => {
    const cells = row.map((count) => (count === 0 ? '·' : String(count)).padStart(width));
    return `${labels[target]!.padEnd(left)}${cells.join('')}`;
  });
  return [head, ...rows].join('\n');
}

function mistakes(labels: readonly string[], confusion: readonly (readonly number[])[]): string {
  const rows = confusion.map((row, target) => {
    const total = row.reduce((a, b) => a + b, 0);
    const wrong = row
      .map((count, said) => ({ count, said }))
      .filter(({ count, said }) => said !== target && count > 0)
      .sort((a, b) => b.count - a.count)
      .map(({ count, said }) => `${labels[said]} (${count})`);
    const right = `${row[target]}/${total}`.padStart(9);
    return `${labels[target]!.padEnd(12)}${right}${wrong.length > 0 ? `   mistaken for ${wrong.join(', ')}` : ''}`;
  });
  return [`${'class'.padEnd(12)}${'right'.padStart(9)}`, ...rows].join('\n');
}
