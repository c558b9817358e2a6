import type { Command } from 'commander';
import { type ModelStore, versionName } from '../../swap/index.js';
import { examples } from '../examples.js';
import { exitCodes } from '../exit.js';
import {
  atEdge,
  type EdgeModelList,
  isStore,
  nameOf,
  type PlaceChoice,
  placeOptions,
  type RunningEdge,
} from './running.js';
import { existingStore, signatureOptions } from './store-options.js';

export function define(command: Command): void {
  signatureOptions(
    placeOptions(command.argument('[model]', 'a version in the store, <id>@<version> (default: all)')),
  ).action(run);
  examples(command, [
    ['whorl models verify --store models', 'every file against its digest; exit code 1 when one is damaged'],
    [
      'whorl models verify grasp@2 --store models --trust team.pub --require-signature',
      'one version and its signature',
    ],
  ]);
}

async function run(model: string | undefined, options: PlaceChoice): Promise<void> {
  if (!isStore(options)) {
    await atEdge(options, (edge) => verifyAtEdge(edge, model));
    return;
  }
  const store = await existingStore(options);
  const faults = model === undefined ? await verifyAll(store) : await verifyOne(store, model);
  for (const fault of faults) console.log(fault);
  if (faults.length > 0) process.exitCode = exitCodes.failed;
}

async function verifyAtEdge(edge: RunningEdge, model: string | undefined): Promise<void> {
  const names =
    model === undefined ? (await edge.ask<EdgeModelList>('models')).versions.map(nameOf) : [model];
  for (const name of names) {
    const { sha256 } = await edge.ask<{ sha256: string }>('model-verify', { model: name });
    console.log(`${name}  ${sha256}  as it was added`);
  }
}

/** Every version, and what every pipeline would start with. */
async function verifyAll(store: ModelStore): Promise<string[]> {
  const faults: string[] = [];
  for (const version of await store.list()) faults.push(...(await verifyOne(store, versionName(version))));
  const { pipelines, fault } = await store.selections();
  if (fault !== undefined) faults.push(fault);
  for (const pipeline of Object.keys(pipelines)) {
    const { which, reasons } = await store.serving(pipeline);
    if (reasons.length > 0) faults.push(`pipeline ${pipeline} starts with ${which}: ${reasons.join('; ')}`);
  }
  return faults;
}

async function verifyOne(store: ModelStore, model: string): Promise<string[]> {
  try {
    const { manifest } = await store.verify(model);
    console.log(`${model}  ${manifest.sha256}  as it was added`);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}
