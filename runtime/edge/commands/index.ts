/** What an edge can be told over MQTT while it runs. Each command is answered, refusals with a code and a remedy. */
import type { Pipeline } from '../../inference/index.js';
import type { LogLevel } from '../../log/index.js';
import type { Command, Publisher } from '../../publish/index.js';
import { type CalibrateTarget, calibrateCommand } from './calibrate.js';
import { logLevelCommand } from './log-level.js';
import { type ModelTargets, modelCommands } from './models.js';
import { type PingTarget, pingCommand } from './ping.js';
import { type RecordTarget, recordCommands } from './record.js';
import { exclusive, type SensorTarget, sensorCommands } from './sensors.js';
import { type ShutdownTarget, shutdownCommand } from './shutdown.js';
import { type StatusTarget, statusCommand } from './status.js';
import { triggerCommand } from './trigger.js';

/** The parts of an edge that commands act on. */
export interface CommandTargets {
  readonly process: PingTarget;
  readonly status: StatusTarget;
  readonly pipelines: ReadonlyMap<string, Pick<Pipeline, 'trigger'>>;
  readonly sensors: SensorTarget;
  readonly calibrate: CalibrateTarget;
  /** Absent where nothing can be recorded. */
  readonly recorder?: RecordTarget | undefined;
  readonly shutdown: ShutdownTarget;
  readonly models: ModelTargets;
  /** Absent where the log is not ours to change. */
  readonly setLogLevel?: ((level: LogLevel) => void) | undefined;
}

/** The commands of an edge. */
function commandsOf(targets: CommandTargets): Command[] {
  const { process, status, pipelines, models, sensors, calibrate, recorder, shutdown, setLogLevel } = targets;
  const alone = exclusive();
  return [
    pingCommand(process),
    statusCommand(status),
    triggerCommand(pipelines),
    ...modelCommands(models),
    ...sensorCommands(sensors, alone),
    calibrateCommand(calibrate, alone),
    ...recordCommands(recorder),
    shutdownCommand(shutdown),
    ...(setLogLevel === undefined ? [] : [logLevelCommand(setLogLevel)]),
  ];
}

/** Registers every command of the edge. */
export function registerCommands(publisher: Pick<Publisher, 'onCommand'>, targets: CommandTargets): void {
  for (const { name, run, ...spec } of commandsOf(targets))
    publisher.onCommand(name, ({ body }) => run(body), spec);
}
