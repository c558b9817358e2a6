import type { Command } from 'commander';
import { type Activation, versionName } from '../../swap/index.js';
import { examples } from '../examples.js';
import { sayActivation } from './activate.js';
import { atEdge, isStore, type PlaceChoice, pipelineAt, placeOptions } from './running.js';
import { openedStore, pipelineIn, pipelineOption, signatureOptions } from './store-options.js';

export function define(command: Command): void {
  placeOptions(signatureOptions(command.option(...pipelineOption))).action(run);
  examples(command, [
    ['whorl models rollback --edge grip-left', 'the version before serves again, from the next window on'],
    ['whorl models rollback --store models', 'the previous version is active again'],
  ]);
}

async function run(options: PlaceChoice & { pipeline?: string }): Promise<void> {
  if (isStore(options)) {
    const store = await openedStore(options);
    const pipeline = await pipelineIn(store, options.pipeline);
    const { active } = await store.rollback(pipeline);
    console.log(`${versionName(active)} is active in ${pipeline} again`);
    return;
  }
  await atEdge(options, async (edge) => {
    const pipeline = await pipelineAt(edge, options.pipeline);
    console.log(sayActivation(await edge.ask<Activation>('model-rollback', { pipeline })));
  });
}
