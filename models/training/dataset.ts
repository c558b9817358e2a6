import type { InputSpec } from '../network/spec.js';
import type { TaxelWindow } from '../network/window.js';
import { type Random, shuffle } from '../random.js';

/** Labelled windows of one shape. */
export interface Dataset {
  readonly input: InputSpec;
  readonly labels: readonly string[];
  readonly windows: readonly TaxelWindow[];
  /** Class of each window. */
  readonly targets: readonly number[];
  /** Where each window comes from, e.g. its file name. */
  readonly names: readonly string[];
}

/** The windows at these positions, in this order. */
export function pick(data: Dataset, positions: readonly number[]): Dataset {
  return {
    ...data,
    windows: positions.map((i) => data.windows[i]!),
    targets: positions.map((i) => data.targets[i]!),
    names: positions.map((i) => data.names[i]!),
  };
}

/**
 * Splits off a share of every class (rounded to the nearest window, at least one where a class has two or more), drawn
 * at random.
 * @param fraction 0..1
 */
export function stratifiedSplit(
  data: Dataset,
  fraction: number,
  random: Random,
): { rest: Dataset; held: Dataset } {
  const { rest, held } = stratifiedPositions(data.targets, fraction, random);
  return { rest: pick(data, rest), held: pick(data, held) };
}

/** As `stratifiedSplit`, of positions: each position of `targets` is in one of the two, both ascending. */
export function stratifiedPositions(
  targets: readonly number[],
  fraction: number,
  random: Random,
): { rest: number[]; held: number[] } {
  const byClass = new Map<number, number[]>();
  for (const [i, target] of targets.entries()) byClass.set(target, [...(byClass.get(target) ?? []), i]);
  const rest: number[] = [];
  const held: number[] = [];
  for (const [, positions] of [...byClass].sort((a, b) => a[0] - b[0])) {
    shuffle(positions, random);
    const smallest = fraction > 0 && positions.length > 1 ? 1 : 0;
    const count = Math.max(smallest, Math.round(positions.length * fraction));
    held.push(...positions.slice(0, count));
    rest.push(...positions.slice(count));
  }
  const ascending = (a: number, b: number): number => a - b;
  return { rest: rest.sort(ascending), held: held.sort(ascending) };
}
