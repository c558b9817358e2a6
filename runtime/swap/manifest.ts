/** What the store knows of a version, in a JSON file beside it; and how versions and their folders are called. */
import { z } from 'zod';
import { parseJson } from '../../models/index.js';
import { ID_PATTERN, ID_RULE, isId } from '../id.js';
import { Refusal } from './refusal.js';
import { signatureSchema } from './signature.js';

/** Most bytes of a manifest, of `active.json` and of a signature file. */
export const maxJsonBytes = 1_048_576;

const name = z.string().regex(ID_PATTERN);
const digest = z.string().regex(/^[0-9a-f]{64}$/);

const reference = z.object({ id: name, version: name, sha256: digest });

/** A version, told apart from every other one by its digest. */
export type VersionRef = z.infer<typeof reference>;

const manifest = reference.extend({
  schema: z.literal('whorl.model/1'),
  /** Bytes of the model file. */
  size: z.int().min(0),
  labels: z.array(z.string()).max(1024),
  /** Windows of its self-test; 0: it has none, and was compared with the reference engine on made-up windows. */
  selfTestWindows: z.int().min(0),
  /** When it came into the store, ISO 8601. */
  added: z.string().max(64),
  /** Where it came from, for people. */
  from: z.string().max(4096),
  signature: signatureSchema.optional(),
});

export type Manifest = z.infer<typeof manifest>;

const selection = z.object({ active: reference, previous: reference.nullable() });

/** The version that serves and the one to go back to. */
export type Selection = z.infer<typeof selection>;

const selections = z.object({
  schema: z.literal('whorl.active/1'),
  pipelines: z.record(name, selection),
});

/** Content of `active.json`: the selection of each pipeline. */
export type Selections = z.infer<typeof selections>;

export const parseManifest = parser(manifest);
export const parseSelections = parser(selections);

function parser<T>(schema: z.ZodType<T>): (bytes: Uint8Array) => T {
  return (bytes) => {
    const result = schema.safeParse(parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
    if (result.success) return result.data;
    throw new Error(
      result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
    );
  };
}

/** The bytes of a JSON file of the store. */
export function jsonBytes(value: Manifest | Selections): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}

/** Throws a `bad_name` refusal for what could not be a folder of the store. */
export function checkName(what: string, text: string): void {
  if (!isId(text)) throw new Refusal('bad_name', `the ${what} '${text}' ${ID_RULE}`);
}

/** Takes `<id>@<version>` apart. Throws a `bad_name` refusal. */
export function parseVersionName(text: string): { id: string; version: string } {
  const [id = '', version, ...more] = text.split('@');
  if (version === undefined || more.length > 0)
    throw new Refusal('bad_name', `'${text}' is not of the form <id>@<version>`);
  checkName('id', id);
  checkName('version', version);
  return { id, version };
}

export function versionName({ id, version }: { id: string; version: string }): string {
  return `${id}@${version}`;
}

/** Folder of a version, below that of its id. */
export function folderName({ version, sha256 }: VersionRef): string {
  return `${version}-${sha256.slice(0, 8)}`;
}

/** The version that a folder is of; undefined: none of ours. */
export function versionOfFolder(folder: string): string | undefined {
  const version = /^(.+)-[0-9a-f]{8}$/.exec(folder)?.[1];
  return version !== undefined && isId(version) ? version : undefined;
}

export function sameVersion(a: VersionRef | null | undefined, b: VersionRef | null | undefined): boolean {
  return a?.id === b?.id && a?.version === b?.version && a?.sha256 === b?.sha256;
}
