/** What an edge can be told over MQTT while it runs. Each command is answered, refusals with a code and a remedy. */
import type { Pipeline } from '../../inference/index.js';
import type { LogLevel } from '../../log/index.js';
import type { Command, Publisher } from '../../publish/index.js';
import { logLevelCommand } from './log-level.js';
import { type ModelTargets, modelCommands } from './models.js';
import { triggerCommand } from './trigger.js';

export interface CommandTargets {
  readonly pipelines: ReadonlyMap<string, Pick<Pipeline, 'trigger'>>;
  readonly models: ModelTargets;
  /** Absent where the log is not ours to change. */
  readonly setLogLevel?: ((level: LogLevel) => void) | undefined;
}

/** The commands of an edge; those that it has no part for are left out. */
function commandsOf({ pipelines, models, setLogLevel }: CommandTargets): Command[] {
  return [
    triggerCommand(pipelines),
    ...modelCommands(models),
    ...(setLogLevel === undefined ? [] : [logLevelCommand(setLogLevel)]),
  ];
}

/** Registers every command of the edge. */
export function registerCommands(publisher: Pick<Publisher, 'onCommand'>, targets: CommandTargets): void {
  for (const { name, run, ...spec } of commandsOf(targets))
    publisher.onCommand(name, ({ body }) => run(body), spec);
}
