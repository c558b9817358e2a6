/** Where a command about models acts: on a store in a folder, or on an edge that runs, through its broker. */
import type { Command } from 'commander';
import { Requester, type RequesterOptions } from '../../publish/index.js';
import type { SlotState } from '../../swap/index.js';
import { refusalText } from '../answer-text.js';
import { type EdgeOptions, edgeOptions, edgeTarget, unanswered } from '../edge-options.js';
import { CliError } from '../exit.js';
import type { StoreChoice } from './store-options.js';

export type PlaceChoice = EdgeOptions & Partial<StoreChoice>;

/** An edge that is there answers a ping by then. */
const pingS = 12;
/** Loading a model and testing it may take long on a small board. */
const patienceS = 660;

export function placeOptions(command: Command): Command {
  return edgeOptions(
    command.option('--store <dir>', 'act on the store in this folder; without it, on the edge that runs'),
  );
}

/** Whether a folder is meant, and no edge that runs. */
export function isStore<T extends PlaceChoice>(choice: T): choice is T & StoreChoice {
  return choice.store !== undefined;
}

/** An edge that runs. */
export interface RunningEdge {
  readonly id: string;
  /** Sends a command; resolves to the data of its answer, rejects with `CliError` when it is refused. */
  ask<T>(command: string, body?: object): Promise<T>;
}

/**
 * Talks to the edge that the options name, until `work` is done. A ping comes first, so that nobody waits long for an edge
 * that is not there. Throws `CliError` when it does not answer.
 */
export async function atEdge<T>(
  choice: EdgeOptions,
  work: (edge: RunningEdge) => Promise<T>,
  options: RequesterOptions = {},
): Promise<T> {
  const asked = edgeTarget(choice);
  const { edge: id, target } = asked;
  const silent = unanswered(asked, ', or a folder with --store');
  const requester = await Requester.open(target, options).catch(silent);
  try {
    await requester.request(id, 'ping', {}, { timeoutMs: pingS * 1000 }).catch(silent);
    return await work({
      id,
      ask: async <R>(command: string, body: object = {}): Promise<R> => {
        const timeoutMs = patienceS * 1000;
        const answer = await requester.request(id, command, body, { timeoutMs }).catch(silent);
        if (answer.status === 'error') throw new CliError(refusalText(answer));
        return answer.data as R;
      },
    });
  } finally {
    await requester.close();
  }
}

/** What the command `models` answers. */
export interface EdgeModelList {
  readonly versions: readonly {
    readonly id: string;
    readonly version: string;
    readonly fault?: string;
    readonly sha256?: string;
    readonly size?: number;
    readonly labels?: readonly string[];
    readonly added?: string;
    readonly signed?: boolean;
  }[];
  readonly pipelines: readonly PipelineModels[];
}

interface Named {
  readonly id: string;
  readonly version: string;
}

export interface PipelineModels {
  readonly pipeline: string;
  readonly active: Named | null;
  readonly previous: Named | null;
  readonly shadow: Named | null;
  readonly state: SlotState;
}

/** How a model serves, for people. */
export const stateInWords: Readonly<Record<SlotState, string>> = {
  committed: 'the next start begins with it',
  probation: 'on probation',
  uncommitted: 'the next start begins with another one; activate it to change that',
};

export function nameOf(model: Named | null): string {
  return model === null ? 'none' : `${model.id}@${model.version}`;
}

/** The pipeline that is named, or the only one. */
export async function pipelineAt(edge: RunningEdge, name: string | undefined): Promise<string> {
  if (name !== undefined) return name;
  const { pipelines } = await edge.ask<EdgeModelList>('models');
  const [first, ...more] = pipelines;
  if (first !== undefined && more.length === 0) return first.pipeline;
  const names = pipelines.map(({ pipeline }) => pipeline).join(', ') || 'none';
  throw new CliError(`say which pipeline with --pipeline; edge ${edge.id} has: ${names}`);
}
