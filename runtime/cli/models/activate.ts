import type { Command } from 'commander';
import { defaultPipeline } from '../../swap/index.js';
import { examples } from '../examples.js';
import {
  openedStore,
  pipelineOption,
  type StoreChoice,
  signatureOptions,
  storeOption,
  versionArgument,
} from './store-options.js';

export function define(command: Command): void {
  signatureOptions(
    storeOption(command.argument(...versionArgument)).option(...pipelineOption, defaultPipeline),
  )
    .addHelpText('after', '\nIt is written down for the next start; a daemon that runs is not told.')
    .action(run);
  examples(command, [
    ['whorl models activate grasp@2 --store models', 'grasp@2 is active, what was active is previous'],
  ]);
}

async function run(model: string, options: StoreChoice & { pipeline: string }): Promise<void> {
  const { previous } = await (await openedStore(options)).activate(model, options.pipeline);
  const before = previous === null ? 'none' : `${previous.id}@${previous.version}`;
  console.log(`${model} is active in ${options.pipeline}, previous: ${before}`);
}
