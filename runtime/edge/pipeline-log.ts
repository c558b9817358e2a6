import type { LoadedModel } from '../inference/index.js';
import type { Logger } from '../log/index.js';
import { engineRow } from './info.js';

/** A pipeline as the log needs it. */
export interface RunningPipeline {
  /** How it answers before the end of a window, in words. */
  readonly anytime: string;
  /** Why it does not, though that was asked for. */
  readonly missingAnytime: string | undefined;
}

/** Tells that a pipeline runs, with what, and, of `engine: auto`, what else was measured. */
export function logRunning(
  log: Logger,
  pipeline: string,
  running: RunningPipeline,
  model: LoadedModel,
): void {
  const { anytime, missingAnytime: reason } = running;
  log.info({ pipeline, ...modelFacts(model), anytime, ...choiceFacts(model) }, 'pipeline runs');
  if (reason !== undefined)
    log.warn(
      { pipeline, reason },
      'no answers before the end of a window, though anytime.everyBins asks for them',
    );
}

function modelFacts({ id, engine, mode, medianUs }: LoadedModel): object {
  return { model: id, engine, mode, medianUs };
}

function choiceFacts({ choice }: LoadedModel): object {
  if (choice === undefined) return {};
  return {
    measured: choice.remembered ? 'at an earlier start' : 'now',
    engines: choice.table.map(engineRow),
  };
}
