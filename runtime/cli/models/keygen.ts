import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { createKeys } from '../../swap/index.js';
import { examples } from '../examples.js';

export function define(command: Command): void {
  command.requiredOption('-o, --out <name>', 'files to write: NAME.key and NAME.pub').action(run);
  examples(command, [
    ['whorl models keygen --out team', 'team.key signs and stays secret, team.pub goes to the edges'],
  ]);
}

async function run({ out }: { out: string }): Promise<void> {
  const { privateKey, publicKey, id } = createKeys();
  await writeFile(`${out}.key`, privateKey, { flag: 'wx', mode: 0o600 });
  await writeFile(`${out}.pub`, publicKey, { flag: 'wx' });
  console.log(`wrote ${out}.key (keep it secret) and ${out}.pub, key ${id}`);
}
