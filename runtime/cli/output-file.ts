/** Files that a command is going to write. */
import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CliError, exitCodes } from './exit.js';

/** Long work must not end in a file that cannot be written. Throws `CliError` that names `--out`. */
export async function checkWritable(out: string): Promise<void> {
  const folder = dirname(resolve(out));
  const isFolder = await stat(out).then(
    (about) => about.isDirectory(),
    () => false,
  );
  if (isFolder) throw new CliError(`--out ${out}: is a folder; name a file`, exitCodes.usage);
  await access(folder, constants.W_OK).catch(() => {
    throw new CliError(`--out ${out}: the folder ${folder} is not there or may not be written to`);
  });
}
