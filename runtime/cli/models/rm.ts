import type { Command } from 'commander';
import { examples } from '../examples.js';
import { atEdge, isStore, type PlaceChoice, placeOptions } from './running.js';
import { openedStore, versionArgument } from './store-options.js';

export function define(command: Command): void {
  placeOptions(command.argument(...versionArgument)).action(run);
  examples(command, [
    ['whorl models rm grasp@1 --edge grip-left', 'refused while it is active or previous'],
    ['whorl models rm grasp@1 --store models', 'the same in a folder'],
  ]);
}

async function run(model: string, options: PlaceChoice): Promise<void> {
  if (isStore(options)) await (await openedStore(options)).remove(model);
  else await atEdge(options, (edge) => edge.ask('model-remove', { model }));
  console.log(`removed ${model}`);
}
