import { basename } from 'node:path';
import type { Command } from 'commander';
import { disk, writeAtomically } from '../../durable/index.js';
import {
  checkModel,
  maxModelBytes,
  nameOfFile,
  readPrivateKey,
  signatureFile,
  signaturePath,
  signModel,
  versionName,
} from '../../swap/index.js';
import { examples } from '../examples.js';
import { readKey } from './store-options.js';

export function define(command: Command): void {
  command
    .argument('<file>', 'model file')
    .requiredOption('--key <file>', 'private key that `whorl models keygen` made')
    .action(run);
  examples(command, [
    ['whorl models sign grasp.safetensors --key team.key', 'writes grasp.safetensors.sig; copy both'],
  ]);
}

async function run(file: string, { key }: { key: string }): Promise<void> {
  const privateKey = await readKey('--key', key, readPrivateKey);
  const bytes = await disk.read(await disk.realPath(file), maxModelBytes);
  const size = bytes.length;
  const { id, version, sha256 } = await checkModel(bytes, nameOfFile(file));
  const signature = signModel({ id, version, sha256, size }, privateKey);
  await writeAtomically(disk, signaturePath(file), Buffer.from(signatureFile(signature)));
  console.log(
    `wrote ${basename(signaturePath(file))}: ${versionName({ id, version })} signed with ${signature.key}`,
  );
}
