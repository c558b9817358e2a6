import { z } from 'zod';
import { LOG_LEVELS } from '../../config/index.js';
import type { LogLevel } from '../../log/index.js';
import { type Command, command } from '../../publish/index.js';

/** `log-level`: short for `options` with `log.level`. */
export function logLevelCommand(setLogLevel: (level: LogLevel) => unknown): Command {
  return command({
    name: 'log-level',
    about: 'changes the level of the log until the next reload or restart',
    body: z.strictObject({ level: z.enum(LOG_LEVELS).describe(`one of ${LOG_LEVELS.join(', ')}`) }),
    run: async ({ level }) => {
      await setLogLevel(level);
      return { level };
    },
  });
}
