import type { Pipeline } from '../inference/index.js';
import { CommandError } from '../publish/index.js';

/** Why no window was opened, by what the pipeline answered. */
const refusals: Readonly<Record<Exclude<ReturnType<Pipeline['trigger']>, 'opened'>, string>> = {
  busy: 'its last window is still open',
  past: 'that time is further back than window.historyMs',
  future: 'that time is too far ahead',
  unknown: 'its sensor has not spoken yet',
  ignored: 'its windows do not begin by command: set window.kind to trigger',
  'not-running': 'it has no usable model',
};

/**
 * The command `trigger`: opens a window of the pipeline that is named, now.
 * Throws `CommandError` when there is no such pipeline, or when it opens no window.
 */
export function trigger(
  pipelines: ReadonlyMap<string, Pick<Pipeline, 'trigger'>>,
  name: unknown,
): { pipeline: string; window: 'opened' } {
  const pipeline = typeof name === 'string' ? pipelines.get(name) : undefined;
  if (pipeline === undefined) {
    const names = [...pipelines.keys()].join(', ') || '(no pipeline runs)';
    throw new CommandError('unknown-pipeline', `"pipeline" must be one of ${names}`);
  }
  const answer = pipeline.trigger();
  if (answer !== 'opened')
    throw new CommandError(
      `trigger-${answer}`,
      `pipeline ${String(name)} opened no window: ${refusals[answer]}`,
    );
  return { pipeline: String(name), window: 'opened' };
}
