import type { Command } from 'commander';
import { defaultPipeline, versionName } from '../../swap/index.js';
import { examples } from '../examples.js';
import {
  openedStore,
  pipelineOption,
  type StoreChoice,
  signatureOptions,
  storeOption,
} from './store-options.js';

export function define(command: Command): void {
  signatureOptions(storeOption(command).option(...pipelineOption, defaultPipeline)).action(run);
  examples(command, [['whorl models rollback --store models', 'the previous version is active again']]);
}

async function run(options: StoreChoice & { pipeline: string }): Promise<void> {
  const { active } = await (await openedStore(options)).rollback(options.pipeline);
  console.log(`${versionName(active)} is active in ${options.pipeline} again`);
}
