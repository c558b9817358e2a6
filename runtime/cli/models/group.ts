/** `whorl models`: the group of commands about model files. */
import type { Command } from 'commander';
import { addCommands, type CommandEntry } from '../command-table.js';
import { examples } from '../examples.js';

const commands: readonly CommandEntry[] = [
  {
    name: 'import',
    summary: 'a checkpoint of the published networks becomes a model file',
    load: () => import('./import.js'),
  },
];

export async function define(command: Command, argv: readonly string[]): Promise<void> {
  command
    .usage('COMMAND [options]')
    .helpCommand(false)
    .showHelpAfterError("'whorl help models' lists the commands");
  await addCommands(command, commands, argv, 'models');
  examples(command, [
    [
      'whorl models import --from hybrid-lif-gnn lif.safetensors --out touch.safetensors',
      'the weights of the authors as a model; `whorl help models import` tells the rest',
    ],
  ]);
}
