/** Options of the commands that work on a model store, and the store that they name. */
import { readFile, stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { ModelStore, readPublicKey, type StoreOptions } from '../../swap/index.js';
import { CliError, exitCodes } from '../exit.js';
import { collect } from '../options.js';

export interface StoreChoice {
  readonly store: string;
  readonly trust?: string[];
  readonly requireSignature?: boolean;
}

/** For commands that check signatures. */
export function signatureOptions(command: Command): Command {
  return command
    .option('--trust <file>', 'public key (.pub) that models may be signed with; may be repeated', collect)
    .option('--require-signature', 'refuse models that no trusted key has signed');
}

/** The store as it is. Throws `CliError` when there is no such folder or a key cannot be used. */
export async function existingStore(choice: StoreChoice): Promise<ModelStore> {
  const about = await stat(choice.store).catch(() => undefined);
  if (about?.isDirectory() !== true)
    throw new CliError(`--store ${choice.store}: there is no such folder; 'whorl models add' makes one`);
  return new ModelStore(choice.store, await storeOptions(choice));
}

/** The store, made where there is none, and without leftovers of what was interrupted. */
export async function openedStore(choice: StoreChoice): Promise<ModelStore> {
  const store = new ModelStore(choice.store, await storeOptions(choice));
  await store.open();
  return store;
}

async function storeOptions({ trust = [], requireSignature = false }: StoreChoice): Promise<StoreOptions> {
  if (requireSignature && trust.length === 0)
    throw new CliError('--require-signature: needs the keys that are trusted, with --trust', exitCodes.usage);
  const keys: NonNullable<StoreOptions['keys']>[number][] = [];
  for (const path of trust) keys.push(await readKey('--trust', path, readPublicKey));
  return { keys, requireSignature };
}

/** Reads a key file. Throws `CliError` that names the option. */
export async function readKey<T>(option: string, path: string, parse: (pem: string) => T): Promise<T> {
  try {
    return parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new CliError(`${option} ${path}: ${(error as Error).message}`, exitCodes.usage);
  }
}

export const versionArgument = ['<model>', 'a version in the store: <id>@<version>'] as const;

export const pipelineOption = ['--pipeline <name>', 'pipeline that it is for'] as const;
