/** Changes that are whole or have not happened, whenever the power fails. */
import { dirname, join } from 'node:path';
import type { FileSystem } from './file-system.js';

/**
 * Replaces the content of a file: temporary file beside it, synchronise, rename, synchronise the folder. Whoever reads
 * the path finds the old content or the new one; once this resolves, the new one.
 * @param like a file whose permissions it gets
 */
export async function writeAtomically(
  files: FileSystem,
  path: string,
  bytes: Uint8Array,
  like?: string,
): Promise<void> {
  const temporary = `${path}.tmp`;
  await writeDurably(files, temporary, bytes, like);
  await files.rename(temporary, path);
  await files.syncFolder(dirname(path));
}

/** Writes a file whose content is durable; its name is durable when its folder has been synchronised. */
export async function writeDurably(
  files: FileSystem,
  path: string,
  bytes: Uint8Array,
  like?: string,
): Promise<void> {
  await files.write(path, bytes, like);
  await files.syncFile(path);
}

/** Makes a folder where there is none. Its name is durable when the folder around it has been synchronised. */
export async function ensureFolder(files: FileSystem, path: string): Promise<void> {
  if ((await files.kind(path)) === undefined) await files.makeFolder(path);
}

/** Removes whatever is at a path, with all that is below; a link itself and not what it points to. */
export async function removeAll(files: FileSystem, path: string): Promise<void> {
  const kind = await files.kind(path);
  if (kind === undefined) return;
  if (kind !== 'folder') return files.remove(path);
  await files.setWritable(path, true);
  for (const name of await files.list(path)) await removeAll(files, join(path, name));
  await files.removeFolder(path);
}
