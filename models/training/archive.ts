/** Files by name, from a directory or from a zip: the two ways in which people keep recordings. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import * as yauzl from 'yauzl';
import { NetworkError } from '../network/errors.js';

export interface ArchiveFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Bounds that keep a hostile or mistaken archive from filling the memory. */
const maxFiles = 100_000;
const maxFileBytes = 64 * 2 ** 20;

/**
 * Yields the files of a zip or below a directory whose name matches, in order of their names for a directory and in
 * archive order for a zip. Throws `NetworkError` when the path is neither, or a bound is passed.
 */
export async function* readArchive(path: string, wanted: RegExp): AsyncGenerator<ArchiveFile> {
  const about = await stat(path).catch(() => {
    throw new NetworkError(`${path}: no such file or directory`);
  });
  if (about.isDirectory()) yield* readDirectory(path, wanted);
  else if (path.endsWith('.zip')) yield* readZip(path, wanted);
  else throw new NetworkError(`${path}: neither a directory nor a .zip`);
}

async function* readDirectory(path: string, wanted: RegExp): AsyncGenerator<ArchiveFile> {
  const names = (await readdir(path, { recursive: true })).filter((name) => wanted.test(name)).sort();
  if (names.length > maxFiles) throw new NetworkError(`${path}: more than ${maxFiles} files`);
  for (const name of names) {
    const { size } = await stat(join(path, name));
    checkSize(path, name, size);
    yield { name, bytes: await readFile(join(path, name)) };
  }
}

async function* readZip(path: string, wanted: RegExp): AsyncGenerator<ArchiveFile> {
  const zip = await yauzl.openPromise(path, { lazyEntries: true, autoClose: false });
  try {
    if (zip.entryCount > maxFiles) throw new NetworkError(`${path}: more than ${maxFiles} entries`);
    for await (const entry of zip.eachEntry()) {
      if (!wanted.test(entry.fileName)) continue;
      checkSize(path, entry.fileName, entry.uncompressedSize);
      yield { name: entry.fileName, bytes: await buffer(await zip.openReadStreamPromise(entry)) };
    }
  } finally {
    zip.close();
  }
}

function checkSize(path: string, name: string, bytes: number): void {
  if (bytes > maxFileBytes)
    throw new NetworkError(`${path}: ${name} has ${bytes} bytes, the limit is ${maxFileBytes}`);
}
