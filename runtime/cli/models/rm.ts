import type { Command } from 'commander';
import { examples } from '../examples.js';
import { openedStore, type StoreChoice, storeOption, versionArgument } from './store-options.js';

export function define(command: Command): void {
  storeOption(command.argument(...versionArgument)).action(run);
  examples(command, [['whorl models rm grasp@1 --store models', 'refused while it is active or previous']]);
}

async function run(model: string, options: StoreChoice): Promise<void> {
  await (await openedStore(options)).remove(model);
  console.log(`removed ${model}`);
}
