/** What the disk under a store has against it, as refusals. */
import { isAbsolute, relative, resolve } from 'node:path';
import { errorCode } from '../durable/index.js';
import { Refusal } from './refusal.js';

/** Errors of a disk that is full. */
const full = ['ENOSPC', 'EDQUOT'];
/** Errors of a folder that is gone or closed to us, and of a disk that is broken. */
const unusable = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS', 'EIO', 'ENODEV', 'ESTALE'];

/**
 * What to throw for an error of something that was done with a store: a `no_space` or `store_unusable` refusal when the
 * system says that of the store's folder or of what is in it, else the error itself.
 * @param folder of the store
 */
export function storeFault(folder: string, error: unknown): unknown {
  const code = errorCode(error);
  if (code === undefined || !isAbout(folder, error as PathError)) return error;
  const { message } = error as Error;
  if (full.includes(code)) return new Refusal('no_space', message);
  if (unusable.includes(code)) return new Refusal('store_unusable', `${folder} cannot be used: ${message}`);
  return error;
}

interface PathError {
  readonly path?: unknown;
  readonly dest?: unknown;
}

/** Reading and writing an open file fails without a path, and of those all but what is being added are the store's. */
function isAbout(folder: string, { path, dest }: PathError): boolean {
  const named = [path, dest].filter((one) => typeof one === 'string' && isAbsolute(one)) as string[];
  return named.length === 0 || named.some((one) => isInside(resolve(folder), one));
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return !isAbsolute(way) && way.split('/')[0] !== '..';
}
