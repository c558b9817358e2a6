/** The data of studies: recordings in folds, simulated touch in two independent parts. */
import { type Dataset, pick, readRecordings, seededRandom, shuffle } from '../../models/index.js';
import { readDataset } from '../../runtime/dataset/source.js';
import { shared } from '../support/paths.js';
import type { DataName } from './training.js';

/** Data to learn from, and data to measure on that has nothing to do with it. */
export interface Parts {
  readonly learn: Dataset;
  readonly test: Dataset;
}

/** File of published recordings, which lie beside the checkout. */
export function recordingsFile(set: string): string {
  return shared('data', `${set}-train.zip`);
}

const loaded = new Map<string, Promise<Parts>>();

/**
 * Loads what a job names, once. A set of recordings is cut into `parts` folds, of which fold `part` is the test part; a
 * simulator source (with `seed=%`) is made twice, with seeds that belong to `part`.
 */
export function loadParts(name: DataName): Promise<Parts> {
  const key = JSON.stringify(name);
  const parts = loaded.get(key) ?? load(name);
  loaded.set(key, parts);
  return parts;
}

async function load({ set, part, parts }: DataName): Promise<Parts> {
  if (!set.startsWith('simulator:')) return fold(await recordings(set), part, parts);
  const seeded = (seed: number): Promise<Dataset> => readDataset(set.replace('seed=%', `seed=${seed}`), {});
  return { learn: await seeded(1 + part), test: await seeded(1_000_001 + part) };
}

const read = new Map<string, Promise<Dataset>>();

export function recordings(set: string): Promise<Dataset> {
  const data = read.get(set) ?? readRecordings(recordingsFile(set));
  read.set(set, data);
  return data;
}

/** Fold `part` of `parts`, as the test part: every class is dealt out over the folds, in an order drawn once for all. */
export function fold(data: Dataset, part: number, parts: number): Parts {
  const random = seededRandom(100);
  const inFold = new Array<boolean>(data.targets.length);
  const classes = [...new Set(data.targets)].sort((a, b) => a - b);
  for (const [c, label] of classes.entries()) {
    const positions = shuffle(
      [...data.targets.keys()].filter((i) => data.targets[i] === label),
      random,
    );
    // Classes begin at different folds, so that folds are equally large.
    for (const [k, position] of positions.entries()) inFold[position] = (k + c) % parts === part;
  }
  const positions = [...data.targets.keys()];
  return {
    learn: pick(
      data,
      positions.filter((i) => !inFold[i]),
    ),
    test: pick(
      data,
      positions.filter((i) => inFold[i]),
    ),
  };
}
