/** The configuration file, written anew: whole or not at all, by one at a time, and never over somebody else's changes. */
import { basename, dirname, join } from 'node:path';
import {
  dropLock,
  errorCode,
  type FileSystem,
  type Processes,
  systemProcesses,
  takeLock,
  writeAtomically,
} from '../durable/index.js';
import { MAX_CONFIG_BYTES } from './yaml.js';

/** Why the file was not written; nothing has changed. */
export class ConfigFileError extends Error {
  override readonly name = 'ConfigFileError';

  constructor(
    readonly code: 'file-busy' | 'file-changed' | 'cannot-write',
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

/** Mostly a service that may write its own folder and nothing else. */
const readOnlyRemedy =
  'edit the file yourself and have it read (reload), or keep it where whorl may write: under systemd /var/lib/whorl (runtime/deploy/README.md)';

export interface ConfigWrite {
  /** Path of the file; where it is a link, the file that it points to is written. */
  readonly file: string;
  /** What must stand there now. */
  readonly before: string;
  readonly after: string;
  /** Keeps what stood there in `<file>.bak`; in `<file>.bak.1` and so on, where a name is taken by something else. */
  readonly keep?: boolean;
}

/**
 * Replaces the content of the configuration file. Whoever reads it, after a power cut too, finds the old text or the new
 * one; once this resolves, the new one. The file keeps its permissions. Resolves to the path where the old text is kept;
 * undefined: it is not. Rejects with `ConfigFileError`.
 */
export async function writeConfigFile(
  files: FileSystem,
  { file, before, after, keep = false }: ConfigWrite,
  processes: Processes = systemProcesses,
): Promise<string | undefined> {
  try {
    const path = await files.realPath(file);
    const lock = join(dirname(path), `.${basename(path)}.lock`);
    if (!(await takeLock(files, lock, processes)))
      throw new ConfigFileError('file-busy', `another process is writing ${file}`, 'try again');
    try {
      const found = Buffer.from(await files.read(path, 4 * MAX_CONFIG_BYTES)).toString('utf8');
      if (found !== before)
        throw new ConfigFileError(
          'file-changed',
          `${file} has been changed since it was read`,
          'have it read first: whorl reloads it at SIGHUP and at the command reload',
        );
      const backup = keep ? await backupPath(files, path, before) : undefined;
      if (backup !== undefined) await writeAtomically(files, backup, Buffer.from(before), path);
      await writeAtomically(files, path, Buffer.from(after), path);
      return backup;
    } finally {
      await dropLock(files, lock);
    }
  } catch (error) {
    if (errorCode(error) === undefined || error instanceof ConfigFileError) throw error;
    throw new ConfigFileError(
      'cannot-write',
      `${file} cannot be written: ${(error as Error).message}`,
      errorCode(error) === 'EROFS'
        ? readOnlyRemedy
        : 'let whorl write the file and its folder, or edit the file yourself and have it read',
    );
  }
}

/** The first name where nothing lies, or this text already: left there by a process that went no further. */
async function backupPath(files: FileSystem, path: string, text: string): Promise<string> {
  for (let number = 0; ; number++) {
    const backup = number === 0 ? `${path}.bak` : `${path}.bak.${number}`;
    const kind = await files.kind(backup);
    if (kind === undefined || (kind === 'file' && (await holds(files, backup, text)))) return backup;
  }
}

async function holds(files: FileSystem, path: string, text: string): Promise<boolean> {
  const bytes = await files.read(path, 4 * MAX_CONFIG_BYTES).catch(() => undefined);
  return bytes !== undefined && Buffer.from(bytes).toString('utf8') === text;
}
