import type { Command } from 'commander';
import { type EdgeOptions, edgeOptions } from '../edge-options.js';
import { examples } from '../examples.js';
import { atEdge, pipelineAt } from './running.js';
import { pipelineOption } from './store-options.js';

type Options = EdgeOptions & { pipeline?: string; off?: true };

export function define(command: Command): void {
  edgeOptions(
    command
      .argument('[model]', 'a version in the store of the edge: <id>@<version>')
      .option(...pipelineOption)
      .option('--off', 'end the trial'),
  ).action(run);
  examples(command, [
    ['whorl models shadow grasp@3 --edge grip-left', 'it sees every window, and answers on topic shadow'],
    ['whorl models shadow --off --edge grip-left', 'end of the trial'],
  ]);
}

async function run(model: string | undefined, options: Options, command: Command): Promise<void> {
  if ((model === undefined) !== (options.off === true)) command.error('name a version, or say --off');
  await atEdge(options, async (edge) => {
    const pipeline = await pipelineAt(edge, options.pipeline);
    await edge.ask('model-shadow', { pipeline, ...(model === undefined ? {} : { model }) });
    console.log(
      model === undefined ? `no model is on trial in ${pipeline}` : `${model} is on trial in ${pipeline}`,
    );
  });
}
