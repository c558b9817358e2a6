import type { Command } from 'commander';
import { type StoredVersion, versionName } from '../../swap/index.js';
import { examples } from '../examples.js';
import { optionHelp } from '../options.js';
import {
  atEdge,
  type EdgeModelList,
  isStore,
  nameOf,
  type PlaceChoice,
  placeOptions,
  stateInWords,
} from './running.js';
import { existingStore, type StoreChoice } from './store-options.js';

export function define(command: Command): void {
  placeOptions(command).option('--json', optionHelp.json).action(run);
  examples(command, [
    ['whorl models ls --edge grip-left', 'versions at an edge that runs, and what its pipelines run'],
    ['whorl models ls --store /var/lib/whorl/models', 'versions, and which of them serves'],
  ]);
}

async function run(options: PlaceChoice & { json?: boolean }): Promise<void> {
  if (isStore(options)) return listStore(options);
  const list = await atEdge(options, (edge) => edge.ask<EdgeModelList>('models'));
  if (options.json) console.log(JSON.stringify(list));
  else for (const text of edgeLines(list)) console.log(text);
}

function edgeLines({ versions, pipelines }: EdgeModelList): string[] {
  const about = versions.map(({ id, version, fault, sha256 = '', size = 0, labels = [], signed }) => {
    const name = `${id}@${version}`;
    if (fault !== undefined) return `${name}  damaged: ${fault}`;
    const signature = signed === true ? 'signed' : 'not signed';
    return `${name}  ${sha256.slice(0, 8)}  ${size.toLocaleString('en')} bytes, ${labels.length} classes, ${signature}`;
  });
  const roles = pipelines.map(({ pipeline, active, previous, shadow, state }) => {
    const how = state === 'committed' || active === null ? '' : ` (${stateInWords[state]})`;
    return `pipeline ${pipeline}: ${nameOf(active)}${how}, previous ${nameOf(previous)}, shadow ${nameOf(shadow)}`;
  });
  return [...(about.length === 0 ? ['no models yet'] : about), ...roles];
}

async function listStore(options: StoreChoice & { json?: boolean }): Promise<void> {
  const store = await existingStore(options);
  const [versions, { pipelines, fault }] = [await store.list(), await store.selections()];
  const roles = (version: StoredVersion): string[] =>
    Object.entries(pipelines).flatMap(([pipeline, selection]) =>
      (['active', 'previous'] as const)
        .filter((role) => versionName(selection[role] ?? noVersion) === versionName(version))
        .map((role) => `${role} in ${pipeline}`),
    );
  if (options.json) {
    const models = versions.map((version) => ({ ...version, roles: roles(version) }));
    console.log(JSON.stringify({ models, pipelines, ...(fault === undefined ? {} : { fault }) }));
    return;
  }
  if (versions.length === 0) console.log('no models yet');
  for (const version of versions) console.log([line(version), ...roles(version)].join(', '));
  if (fault !== undefined) console.log(`nothing is active: ${fault}`);
}

const noVersion = { id: '', version: '' };

function line(stored: StoredVersion): string {
  const { manifest, fault } = stored;
  if (manifest === undefined) return `${versionName(stored)}  damaged: ${fault}`;
  const { sha256, size, labels, added, signature } = manifest;
  const signed = signature === undefined ? 'not signed' : `signed with ${signature.key}`;
  return `${versionName(stored)}  ${sha256.slice(0, 8)}  ${size.toLocaleString('en')} bytes, ${labels.length} classes, ${signed}, added ${added}`;
}
