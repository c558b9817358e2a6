/** The real file system. */
import {
  chmod,
  constants,
  lstat,
  mkdir,
  open,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { type FileKind, type FileSystem, FileTooLarge } from './file-system.js';

export const disk: FileSystem = {
  async kind(path) {
    try {
      return kindOf(await lstat(path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  },
  read: readBounded,
  list: async (path) => (await readdir(path)).sort(),
  realPath: (path) => realpath(path),
  readLink: (path) => readlink(path),
  makeFolder: async (path) => void (await mkdir(path)),
  write,
  syncFile: sync,
  syncFolder: sync,
  rename,
  link: (target, path) => symlink(target, path),
  remove: unlink,
  removeFolder: (path) => rmdir(path),
  async setWritable(path, writable) {
    const { mode } = await stat(path);
    await chmod(path, writable ? mode | 0o200 : mode & ~0o222);
  },
};

function kindOf(about: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): FileKind {
  if (about.isFile()) return 'file';
  if (about.isDirectory()) return 'folder';
  return about.isSymbolicLink() ? 'link' : 'other';
}

async function readBounded(path: string, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const about = await file.stat();
    if (!about.isFile()) throw Object.assign(new Error(`${path}: is not a file`), { code: 'EINVAL' });
    if (about.size > limit) throw new FileTooLarge(path, about.size, limit);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

async function write(path: string, bytes: Uint8Array, like?: string): Promise<void> {
  if (like === undefined) return writeFile(path, bytes);
  const { mode } = await stat(like);
  await rm(path, { force: true }); // one that was left, perhaps not to be written to
  await writeFile(path, bytes, { mode: 0o600 }); // not open to more than the file that it is like, not for a moment
  await chmod(path, mode & 0o777);
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
