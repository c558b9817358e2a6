import { constants } from 'node:fs';
import { access, mkdtemp, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from './finding.js';

/** What this user may do with files and folders: for each the code of the error that refuses it; undefined: none does. */
export interface Access {
  /** Reading, and writing unless `readOnly`. */
  readonly refused: (path: string, readOnly?: boolean) => Promise<string | undefined>;
  /** Making a folder in this one. */
  readonly makingRefused: (folder: string) => Promise<string | undefined>;
}

/** Code of the error with which reading and writing is refused to this user; undefined: it is not. */
export function accessError(path: string, readOnly = false): Promise<string | undefined> {
  return codeOf(() => access(path, readOnly ? constants.R_OK : constants.R_OK | constants.W_OK));
}

/** Tries it and leaves nothing: permissions alone do not tell, such as of `/proc`, where root may write and cannot. */
function makingError(folder: string): Promise<string | undefined> {
  return codeOf(async () => rmdir(await mkdtemp(join(folder, '.whorl-'))));
}

export const systemAccess: Access = { refused: accessError, makingRefused: makingError };

async function codeOf(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? messageOf(error);
  }
}
