/** Options of the commands that work on a model store, and the store that they name. */
import { readFile, stat } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { defaultPipeline, ModelStore, readPublicKey, type StoreOptions } from '../../swap/index.js';
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

export const pipelineOption = [
  '--pipeline <name>',
  'pipeline that it is for (default: the only one)',
] as const;

/** Names a pipeline that a store knows nothing of yet. */
export function newPipelineOption(): Option {
  return new Option(
    '--new-pipeline <name>',
    'with --store: pipeline that the store has no version for yet',
  ).conflicts('pipeline');
}

/**
 * The pipeline of a store that is named, or its only one. A mistyped name would be written down and never be read, so only
 * those that the store knows are taken, and `default`, which stands for all that it does not; a store that knows none
 * takes any. Throws `CliError` with the names that there are.
 * @param elsewhere what else can be done about a name that is not known
 */
export async function pipelineIn(store: ModelStore, name?: string, elsewhere = ''): Promise<string> {
  const known = Object.keys((await store.selections()).pipelines);
  const [first, ...more] = known;
  if (first === undefined) return name ?? defaultPipeline;
  const names = known.join(', ');
  if (name === undefined && more.length > 0)
    throw new CliError(`say which pipeline with --pipeline; the store has: ${names}`, exitCodes.usage);
  if (name !== undefined && name !== defaultPipeline && !known.includes(name))
    throw new CliError(`the store has no pipeline '${name}', but: ${names}${elsewhere}`);
  return name ?? first;
}
