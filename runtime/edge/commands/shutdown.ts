import { z } from 'zod';
import type { Clock } from '../../clock.js';
import { type Command, CommandError, command } from '../../publish/index.js';

export interface ShutdownTarget {
  /** Whether the configuration lets it. */
  readonly allowed: boolean;
  /** Begins to stop the runtime; absent where there is nobody to do it. */
  readonly begin?: (() => void) | undefined;
  readonly clock: Pick<Clock, 'setTimer'>;
}

/** The answer leaves before the edge begins to stop. */
const answerFirstMs = 50;

/** `shutdown`: stops the runtime as a signal does. What it then starts again, if anything, is for its supervisor. */
export function shutdownCommand({ allowed, begin, clock }: ShutdownTarget): Command {
  return command({
    name: 'shutdown',
    about: 'ends the runtime, where commands.shutdown lets it',
    body: z.strictObject({}),
    run: () => {
      if (!allowed || begin === undefined)
        throw new CommandError(
          'not-allowed',
          'this edge is not ended by command',
          'set commands.shutdown: true and start whorl anew, or stop the service on its machine',
        );
      clock.setTimer(begin, answerFirstMs);
      return { shutdown: 'begun' };
    },
  });
}
