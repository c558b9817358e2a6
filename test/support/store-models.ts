/** Model files for tests of the store. */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { ModelContent } from '../../models/index.js';
import type { MemoryDisk } from './memory-disk.js';
import { smallModelFile, smallNetwork, temporaryFolder } from './small-model.js';

/** Path of a small model file in a folder of its own, with this version. */
export function storeModel(
  folder: string,
  version: string,
  change: (content: ModelContent) => ModelContent = (content) => content,
): Promise<string> {
  return smallModelFile(folder, smallNetwork(), (content) => change({ ...content, version }));
}

/** Puts the bytes of a file on a memory disk, for certain. */
export async function putFile(disk: MemoryDisk, path: string, bytes: string | Uint8Array): Promise<void> {
  await disk.write(path, Buffer.from(bytes));
  await disk.syncFile(path);
  await disk.syncFolder('/');
}

/** Puts small models `/<version>.safetensors` on a memory disk. */
export async function putModels(disk: MemoryDisk, ...versions: string[]): Promise<void> {
  const folder = temporaryFolder();
  for (const version of versions)
    await putFile(disk, `/${version}.safetensors`, readFileSync(await storeModel(folder, version)));
}

/** A folder for stores that is removed when the tests are over. */
export function storeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'whorl-store-'));
  after(() => removeStore(folder));
  return folder;
}

/** Removes a folder with stores in it, which are read-only in part. */
export function removeStore(folder: string): void {
  makeWritable(folder);
  rmSync(folder, { recursive: true, force: true });
}

function makeWritable(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) makeWritable(join(folder, entry.name));
}
