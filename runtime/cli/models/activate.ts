import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Activation } from '../../swap/index.js';
import { examples } from '../examples.js';
import { CliError, exitCodes } from '../exit.js';
import {
  atEdge,
  type EdgeModelList,
  isStore,
  nameOf,
  type PlaceChoice,
  pipelineAt,
  placeOptions,
  type RunningEdge,
  stateInWords,
} from './running.js';
import {
  newPipelineOption,
  openedStore,
  pipelineIn,
  pipelineOption,
  type StoreChoice,
  signatureOptions,
  versionArgument,
} from './store-options.js';

type Options = PlaceChoice & { pipeline?: string; newPipeline?: string; otherLabels?: true; wait: boolean };

export function define(command: Command): void {
  placeOptions(signatureOptions(command.argument(...versionArgument).option(...pipelineOption)))
    .addOption(newPipelineOption())
    .option('--other-labels', 'accept a model with other labels than the one that serves')
    .option('--no-wait', 'do not wait until its probation is over')
    .addHelpText(
      'after',
      `
On an edge that runs the version takes over between two windows, is watched for models.probationS,
and is then written down, or taken back when it does badly (exit code 1). In a store it is written
down for the next start. There a pipeline without a version is refused, for its name may be
mistyped: --new-pipeline takes it. Pipelines without a version start with that of 'default'.`,
    )
    .action(run);
  examples(command, [
    ['whorl models activate grasp@2 --edge grip-left', 'serves from the next window on'],
    ['whorl models activate grasp@2 --store models', 'grasp@2 is active, what was active is previous'],
  ]);
}

async function run(model: string, options: Options): Promise<void> {
  if (isStore(options)) return activateInStore(model, options);
  if (options.newPipeline !== undefined)
    throw new CliError(
      '--new-pipeline is for --store; an edge that runs has the pipelines of its configuration',
      exitCodes.usage,
    );
  await atEdge(options, async (edge) => {
    const pipeline = await pipelineAt(edge, options.pipeline);
    const other = options.otherLabels ? { other_labels: true } : {};
    const answer = await edge.ask<Activation>('model-activate', { pipeline, model, ...other });
    console.log(sayActivation(answer));
    if (answer.state === 'probation' && options.wait) await watch(edge, pipeline, model);
  });
}

async function activateInStore(model: string, options: Options & StoreChoice): Promise<void> {
  const store = await openedStore(options);
  const elsewhere = '; a new one is named with --new-pipeline';
  const pipeline = options.newPipeline ?? (await pipelineIn(store, options.pipeline, elsewhere));
  const { previous } = await store.activate(model, pipeline);
  console.log(`${model} is active in ${pipeline}, previous: ${nameOf(previous)}`);
}

/** What an activation or a roll-back has come to. */
export function sayActivation({ pipeline, active, previous, changed, window, state }: Activation): string {
  const since = changed ? `serves ${pipeline} from window ${window} on` : `serves ${pipeline} already`;
  const how = state === 'committed' ? '' : `, ${stateInWords[state]}`;
  return `${nameOf(active)} ${since}${how}; previous: ${nameOf(previous)}`;
}

/** Waits until the probation is over. Throws `CliError` when the model was taken back. */
async function watch(edge: RunningEdge, name: string, model: string): Promise<void> {
  for (;;) {
    await pause(500);
    const { pipelines } = await edge.ask<EdgeModelList>('models');
    const found = pipelines.find(({ pipeline }) => pipeline === name);
    if (found === undefined || nameOf(found.active) !== model)
      throw new CliError(
        `${model} was taken back: ${nameOf(found?.active ?? null)} serves again; the log of the edge and its topic event/swap-failed say why`,
      );
    if (found.state === 'probation') continue;
    if (found.state === 'uncommitted')
      throw new CliError(
        `${model} serves, but could not be written down: the next start begins with another version; the log of the edge and its topic event/model-not-committed say why`,
      );
    console.log(`${model} is the active version`);
    return;
  }
}
