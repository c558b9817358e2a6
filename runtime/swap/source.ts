/** Model files on their way into the store. */
import { basename } from 'node:path';
import { errorCode, type FileSystem, FileTooLarge } from '../durable/index.js';
import { maxJsonBytes } from './manifest.js';
import { Refusal } from './refusal.js';
import { readSignature, type Signature } from './signature.js';

/** Most bytes of a model file, which is as many as the reader of model files takes. */
export const maxModelBytes = 512 * 2 ** 20;

export interface Source {
  readonly bytes: Uint8Array;
  readonly path: string;
  /** What `<path>.sig` says; absent: there is none. */
  readonly signature?: Signature;
}

/** What a checkpoint that does not name itself is called. */
export function nameOfFile(path: string): string {
  return basename(path).replace(/\.safetensors$/, '');
}

/** Where the signature of a model file lies. */
export function signaturePath(path: string): string {
  return `${path}.sig`;
}

/** Reads a model file and its signature. Throws `Refusal`: too_large, bad_file, bad_signature. */
export async function readSource(files: FileSystem, path: string, maxBytes: number): Promise<Source> {
  const bytes = await readBounded(files, path, maxBytes);
  const file = signaturePath(path);
  if ((await files.kind(file)) === undefined) return { bytes, path };
  return { bytes, path, signature: readSignature(await readBounded(files, file, maxJsonBytes), file) };
}

async function readBounded(files: FileSystem, path: string, limit: number): Promise<Uint8Array> {
  try {
    return await files.read(await files.realPath(path), limit);
  } catch (error) {
    if (error instanceof FileTooLarge) throw new Refusal('too_large', error.message);
    if (errorCode(error) === 'EINVAL') throw new Refusal('bad_file', `${path} is not a file`);
    throw error;
  }
}
