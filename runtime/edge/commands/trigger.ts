import { z } from 'zod';
import type { Pipeline } from '../../inference/index.js';
import { type Command, CommandError, command } from '../../publish/index.js';
import { known } from './known.js';

/** Why no window was opened, by what the pipeline answered; and what to do, where there is something to do. */
const refusals: Readonly<
  Record<Exclude<ReturnType<Pipeline['trigger']>, 'opened'>, readonly [why: string, remedy?: string]>
> = {
  busy: ['its last window is still open', 'wait for its result'],
  past: ['that time is further back than window.historyMs'],
  future: ['that time is too far ahead'],
  unknown: ['its sensor has not spoken yet', 'look at the status of the sensor'],
  ignored: ['its windows do not begin by command', 'set window.kind to trigger'],
  'not-running': ['it has no usable model', 'the status of the edge tells why'],
};

/** `trigger`: opens a window of the pipeline that is named, now; refused when it opens none. */
export function triggerCommand(pipelines: ReadonlyMap<string, Pick<Pipeline, 'trigger'>>): Command {
  return command({
    name: 'trigger',
    about: 'opens a window now, where the windows of the pipeline begin by command',
    body: z.strictObject({ pipeline: z.string().describe('name of the pipeline') }),
    run: ({ pipeline: name }) => {
      const answer = known(pipelines, 'pipeline', name).trigger();
      if (answer === 'opened') return { pipeline: name, window: 'opened' };
      const [why, remedy] = refusals[answer];
      throw new CommandError(`trigger-${answer}`, `pipeline ${name} opened no window: ${why}`, remedy);
    },
  });
}
