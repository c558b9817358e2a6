import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Root of the checkout (tests run from `dist/test`). */
export const root = join(import.meta.dirname, '..', '..', '..');

/** The compiled command line. */
export const whorl = join(root, 'dist', 'runtime', 'cli', 'main.js');

/** Material kept beside the checkout and never in it: recordings and large golden sets. */
export function shared(...parts: string[]): string {
  return join(root, '..', 'shared', ...parts);
}

/** `false` when all files are there, else the reason to skip: for `test(name, { skip: needsFiles(...) }, ...)`. */
export function needsFiles(...paths: string[]): false | string {
  const missing = paths.filter((path) => !existsSync(path));
  return missing.length === 0 ? false : `needs ${missing.join(', ')}`;
}
