/** Commands about the models of the edge. */
import { z } from 'zod';
import { type Command, CommandError, command } from '../../publish/index.js';
import type { StoredVersion, StorePort, Swapper, VersionRef } from '../../swap/index.js';
import type { Staging } from '../models/staging.js';
import { modelFileCommands } from './model-files.js';

type Models = Pick<Swapper, 'slots' | 'look' | 'activate' | 'rollback' | 'shadow' | 'remove'>;
type Versions = Pick<StorePort, 'list' | 'verify'>;

export interface ModelTargets {
  /** Absent: no store is configured. */
  readonly store: Versions | undefined;
  readonly swapper: Models | undefined;
  readonly staging: Pick<Staging, 'file' | 'url' | 'piece'> | undefined;
}

/** Loading and trying a model may take as long as models.loadLimitS allows, and some more. */
const swapLimitMs = 660_000;

const pipeline = z.string().describe('name of the pipeline');
const model = z.string().describe('version in the store: <id>@<version>');

export function modelCommands(targets: ModelTargets): Command[] {
  const swapper = (): Models => existing(targets.swapper);
  const store = (): Versions => existing(targets.store);
  return [
    command({
      name: 'models',
      about: 'lists the versions in the model store and what each pipeline runs',
      body: z.strictObject({}),
      run: async () => ({
        versions: await listed(store(), swapper()),
        pipelines: [...swapper().slots.values()].map((slot) => ({
          pipeline: slot.pipeline,
          active: slot.active?.ref ?? null,
          previous: slot.previous?.ref ?? null,
          shadow: slot.shadow?.ref ?? null,
          state: slot.state,
        })),
      }),
    }),
    command({
      name: 'model-activate',
      about: 'has a version of the store serve a pipeline, from the next window on',
      body: z.strictObject({
        ...{ pipeline, model },
        other_labels: z
          .boolean()
          .optional()
          .describe('true accepts a model with other labels than the one that serves'),
      }),
      limitMs: swapLimitMs,
      run: ({ pipeline: name, model: version, other_labels: otherLabels = false }) =>
        swapper().activate(name, version, { otherLabels }),
    }),
    command({
      name: 'model-rollback',
      about: 'back to the version that served before',
      body: z.strictObject({ pipeline }),
      limitMs: swapLimitMs,
      run: ({ pipeline: name }) => swapper().rollback(name),
    }),
    command({
      name: 'model-shadow',
      about: 'puts a version on trial beside the one that serves; without a model it ends that',
      body: z.strictObject({ pipeline, model: model.optional() }),
      limitMs: swapLimitMs,
      run: ({ pipeline: name, model: version }) => swapper().shadow(name, version),
    }),
    command({
      name: 'model-verify',
      about: 'whether a version is what it was when it was added',
      body: z.strictObject({ model }),
      limitMs: 60_000,
      run: async ({ model: version }) => {
        const { id, version: number, sha256, size, labels } = (await store().verify(version)).manifest;
        return { id, version: number, sha256, size, labels };
      },
    }),
    command({
      name: 'model-remove',
      about: 'removes a version that serves nowhere',
      body: z.strictObject({ model }),
      limitMs: 60_000,
      run: async ({ model: version }) => {
        await swapper().remove(version);
        return { removed: version };
      },
    }),
    ...modelFileCommands(() => existing(targets.staging)),
  ];
}

function existing<T>(part: T | undefined): T {
  if (part !== undefined) return part;
  throw new CommandError(
    'no-store',
    'this edge has no model store',
    'set models.store in the configuration to a folder, and start it anew',
  );
}

/** The versions, when it is known as well what the next start begins with. */
async function listed(store: Versions, swapper: Models): Promise<VersionRow[]> {
  const versions = await store.list();
  await swapper.look();
  return versions.map(versionRow);
}

function versionRow({ id, version, manifest, fault }: StoredVersion): VersionRow {
  if (manifest === undefined) return { id, version, fault: fault ?? 'damaged' };
  const { sha256, size, labels, added, signature } = manifest;
  return { id, version, sha256, size, labels, added, signed: signature !== undefined };
}

type VersionRow = Partial<VersionRef> & Readonly<Record<string, unknown>>;
