/** What an edge can be told over MQTT while it runs. Each command is answered, refusals with a code and a remedy. */
import { LOG_LEVELS } from '../config/index.js';
import type { Pipeline } from '../inference/index.js';
import type { LogLevel } from '../log/index.js';
import { CommandError, type Publisher } from '../publish/index.js';
import { trigger } from './trigger.js';

export interface CommandTargets {
  readonly pipelines: ReadonlyMap<string, Pick<Pipeline, 'trigger'>>;
  /** Absent where the log is not ours to change. */
  readonly setLogLevel?: ((level: LogLevel) => void) | undefined;
}

/** Registers `trigger {pipeline}` and `log-level {level}`. */
export function registerCommands(
  publisher: Pick<Publisher, 'onCommand'>,
  { pipelines, setLogLevel }: CommandTargets,
): void {
  publisher.onCommand('trigger', ({ body }) => trigger(pipelines, body['pipeline']));
  if (setLogLevel === undefined) return;
  publisher.onCommand('log-level', ({ body }) => {
    const level = LOG_LEVELS.find((known) => known === body['level']);
    if (level === undefined)
      throw new CommandError('unknown-level', `"level" must be one of ${LOG_LEVELS.join(', ')}`);
    setLogLevel(level);
    return { level };
  });
}
