import { z } from 'zod';
import { LOG_LEVELS } from '../../config/index.js';
import type { LogLevel } from '../../log/index.js';
import { type Command, command } from '../../publish/index.js';

/** `log-level`: changes the level of the log until the next start. */
export function logLevelCommand(setLogLevel: (level: LogLevel) => void): Command {
  return command({
    name: 'log-level',
    about: 'changes the level of the log until the next start',
    body: z.strictObject({ level: z.enum(LOG_LEVELS).describe(`one of ${LOG_LEVELS.join(', ')}`) }),
    run: ({ level }) => {
      setLogLevel(level);
      return { level };
    },
  });
}
