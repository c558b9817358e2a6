/** Processes that change a model store are killed again and again; each time the store must be valid, and nothing lost. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../models/index.js';
import { ModelStore } from '../../runtime/swap/index.js';
import { killedProcess } from './killed-process.js';
import { type StoreState, storeState } from './store-state.js';

export interface KillOptions {
  readonly kills: number;
  readonly seed: number;
  readonly store: string;
  /** Model files `small` of the versions 1, 2, 3 ... */
  readonly models: readonly string[];
  readonly progress?: (kills: number) => void;
}

/** A loop of the worker does about so many operations on the disk. */
const mostOperations = 250;

/** What a killed process had told. */
interface Told {
  readonly state: StoreState | undefined;
  /** The change that it was at. */
  readonly change: string | undefined;
  readonly operations: number;
}

/**
 * Kills `kills` processes, in turn exactly before an operation and at whatever moment the signal arrives.
 * Rejects when a store was not valid or had lost or gained something; resolves to what the kills hit.
 */
export async function killLoop(options: KillOptions): Promise<Record<string, number>> {
  const { kills, seed, models, progress } = options;
  const root = options.store;
  const random = seededRandom(seed);
  const figures = {
    kills: 0,
    during_change: 0,
    locks_left: 0,
    staging_left: 0,
    operations: 0,
    versions_found: 0,
  };
  let last: StoreState = { versions: [], active: null, previous: null };
  for (let kill = 0; kill < kills; kill++) {
    const at = Math.floor(random() * mostOperations);
    const told = await killedWorker([root, ...models], at, kill % 2 === 0);
    figures.kills++;
    figures.operations += told.operations;
    if (told.change !== undefined) figures.during_change++;
    if (existsSync(join(root, '.staging')) && readdirSync(join(root, '.staging')).length > 0)
      figures.staging_left++;
    if (existsLink(root)) figures.locks_left++;
    last = await checkStore(root, told.state ?? last, told.change);
    figures.versions_found += last.versions.length;
    progress?.(figures.kills);
  }
  return figures;
}

/** What a fresh start finds: a valid store, which is that of before or that of after the change. */
async function checkStore(root: string, before: StoreState, change: string | undefined): Promise<StoreState> {
  const store = new ModelStore(root);
  await store.open();
  assert.deepEqual(readdirSync(join(root, '.staging')), []);
  const found = await storeState(store);
  const allowed = [before, ...(change === undefined ? [] : [stateAfter(before, change)])];
  assert.ok(
    allowed.some((state) => JSON.stringify(state) === JSON.stringify(found)),
    `${JSON.stringify(found)} after '${change}' on ${JSON.stringify(before)}`,
  );
  return found;
}

/** What a change makes of a store. */
function stateAfter(before: StoreState, change: string): StoreState {
  const [verb, version = ''] = change.split(' ');
  const { versions, active, previous } = before;
  const isUsed = version === active || version === previous;
  switch (verb) {
    case 'add':
      return { ...before, versions: [...new Set([...versions, version])].sort() };
    case 'remove':
      return isUsed ? before : { ...before, versions: versions.filter((one) => one !== version) };
    case 'activate':
      return version === active ? before : { versions, active: version, previous: active };
    default:
      return previous === null ? before : { versions, active: previous, previous: active };
  }
}

/** What a worker has told when it is dead: killed by its own hand before operation `at`, or by ours when it has told of it. */
async function killedWorker(args: readonly string[], at: number, exactly: boolean): Promise<Told> {
  const [root = '', ...models] = args;
  const worker = join(import.meta.dirname, 'store-worker.js');
  let told: Omit<Told, 'operations'> = { state: undefined, change: undefined };
  const { operations } = await killedProcess([worker, root, String(exactly ? at : -1), ...models], {
    ...{ at, exactly },
    hear: (word, value) => {
      if (word === 'begin') told = { ...told, change: String(value) };
      else told = { state: value as StoreState, change: undefined };
    },
  });
  return { ...told, operations };
}

/** A lock is a link to nowhere. */
function existsLink(root: string): boolean {
  return existsSync(root) && readdirSync(root).includes('.lock');
}
