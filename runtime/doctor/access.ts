import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { messageOf } from './finding.js';

/** Code of the error with which reading and writing is refused to this user; undefined: it is not. */
export async function accessError(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? messageOf(error);
  }
}
