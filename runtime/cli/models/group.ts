/** `whorl models`: the group of commands about model files. */
import type { Command } from 'commander';
import { addCommands, type CommandEntry } from '../command-table.js';
import { examples } from '../examples.js';

export const modelCommands: readonly CommandEntry[] = [
  {
    name: 'import',
    summary: 'a checkpoint of the published networks becomes a model file',
    load: () => import('./import.js'),
  },
  {
    name: 'ls',
    summary: 'what is in a model store, and which version serves',
    load: () => import('./ls.js'),
  },
  {
    name: 'add',
    summary: 'a model file into a store: checked, tested, read-only from then on',
    load: () => import('./add.js'),
  },
  {
    name: 'verify',
    summary: 'whether versions are what they were when they were added, and by whom they are signed',
    load: () => import('./verify.js'),
  },
  {
    name: 'rm',
    summary: 'remove a version that does not serve',
    load: () => import('./rm.js'),
  },
  {
    name: 'activate',
    summary: 'the version that serves: from the next window on, or from the next start',
    load: () => import('./activate.js'),
  },
  {
    name: 'shadow',
    summary: 'a version on trial beside the one that serves',
    load: () => import('./shadow.js'),
  },
  {
    name: 'rollback',
    summary: 'back to the version that served before',
    load: () => import('./rollback.js'),
  },
  {
    name: 'keygen',
    summary: 'a pair of keys to sign models with',
    load: () => import('./keygen.js'),
  },
  {
    name: 'sign',
    summary: 'say with a private key that a model file is yours',
    load: () => import('./sign.js'),
  },
];

export async function define(command: Command, argv: readonly string[]): Promise<void> {
  command
    .usage('COMMAND [options]')
    .helpCommand(false)
    .showHelpAfterError("'whorl help models' lists the commands");
  await addCommands(command, modelCommands, argv, 'models');
  examples(command, [
    [
      'whorl models import --from hybrid-lif-gnn lif.safetensors --out touch.safetensors',
      'the weights of the authors as a model; `whorl help models import` tells the rest',
    ],
    ['whorl models add touch.safetensors --edge grip-left', 'into the store of an edge that runs'],
    ['whorl models activate touch@1 --edge grip-left', 'what serves from the next window on'],
    ['whorl models ls --store models', 'the same on a folder, without a daemon'],
  ]);
}
