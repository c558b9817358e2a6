/** What an edge can be told over MQTT while it runs. Each command is answered, refusals with a code and a remedy. */
import type { Pipeline } from '../../inference/index.js';
import type { LogLevel } from '../../log/index.js';
import type { Command, Publisher } from '../../publish/index.js';
import type { Reload } from '../reload.js';
import type { Settings } from '../settings.js';
import { type CalibrateTarget, calibrateCommand } from './calibrate.js';
import { logLevelCommand } from './log-level.js';
import { type ModelTargets, modelCommands } from './models.js';
import { optionsCommand, reloadCommand } from './options.js';
import { type RecordTarget, recordCommands } from './record.js';
import { exclusive, type SensorTarget, sensorCommands } from './sensors.js';
import { type ShutdownTarget, shutdownCommand } from './shutdown.js';
import { type StatusTarget, statusCommand } from './status.js';
import { triggerCommand } from './trigger.js';

/** The parts of an edge that commands act on. */
export interface CommandTargets {
  readonly status: StatusTarget;
  readonly pipelines: ReadonlyMap<string, Pick<Pipeline, 'trigger'>>;
  readonly sensors: SensorTarget;
  readonly calibrate: CalibrateTarget;
  /** Absent where nothing can be recorded. */
  readonly recorder?: RecordTarget | undefined;
  readonly shutdown: ShutdownTarget;
  readonly models: ModelTargets;
  /** Absent where the configuration cannot be loaded again. */
  readonly reload?: Reload | undefined;
  readonly settings: Pick<Settings, 'config'>;
  /** Absent where the log is not ours to change. */
  readonly setLogLevel?: ((level: LogLevel) => void) | undefined;
}

/** The commands of an edge. */
function commandsOf(targets: CommandTargets): Command[] {
  const { status, pipelines, models, sensors, calibrate, recorder, shutdown } = targets;
  const { reload, settings, setLogLevel } = targets;
  const alone = exclusive();
  return [
    statusCommand(status),
    triggerCommand(pipelines),
    ...modelCommands(models),
    ...sensorCommands(sensors, alone),
    calibrateCommand(calibrate, alone),
    ...recordCommands(recorder),
    shutdownCommand(shutdown),
    ...(reload === undefined ? [] : [reloadCommand(reload), optionsCommand(reload, settings)]),
    ...logLevelCommands(reload, setLogLevel),
  ];
}

/** The level is a key of the configuration like others, where that can be changed. */
function logLevelCommands(
  reload: CommandTargets['reload'],
  setLogLevel: CommandTargets['setLogLevel'],
): Command[] {
  if (setLogLevel === undefined) return [];
  return [
    logLevelCommand(reload === undefined ? setLogLevel : (level) => reload.set({ 'log.level': level })),
  ];
}

/** Registers every command of the edge. */
export function registerCommands(publisher: Pick<Publisher, 'onCommand'>, targets: CommandTargets): void {
  for (const { name, run, ...spec } of commandsOf(targets))
    publisher.onCommand(name, ({ body }) => run(body), spec);
}
