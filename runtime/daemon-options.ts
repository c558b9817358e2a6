/** What a daemon is given. */
import type { EventBatch, SensorStatus, TransportFactory } from '../devices/index.js';
import type { Clock } from './clock.js';
import type { Config, Secrets } from './config/index.js';
import type { ConfigSource } from './edge/reload.js';
import type { EdgeReport } from './edge/state.js';
import type { PipelineResult, WindowService } from './inference/index.js';
import type { Logger, LogLevel } from './log/index.js';
import type { ResultBody } from './publish/index.js';

export interface DaemonOptions {
  readonly config: Config;
  readonly secrets: Secrets;
  /** Where the configuration came from, so that it can be loaded again and changed while the daemon runs. */
  readonly source?: ConfigSource;
  readonly log: Logger;
  /** Lets `log.level` be changed while the daemon runs. */
  readonly setLogLevel?: (level: LogLevel) => void;
  /** Lets the command `shutdown` end the program, where the configuration allows it. */
  readonly onShutdown?: () => void;
  /**
   * Another process, of that session, serves this edge at the broker; this one is silent until it is gone. Left out: it is
   * not looked for, as by replays and demos, which are over soon.
   */
  readonly onTaken?: (session: string) => void;
  /** Time and timers, those of the sensors too; transports that are given have to have the same time. */
  readonly clock?: Clock;
  /** Transports that take the place of the configured ones, by sensor: recordings, demos, tests. Nothing of them is dropped. */
  readonly transports?: Readonly<Record<string, TransportFactory>>;
  /** Take any free port for the embedded broker when the configured one is in use: for what runs beside a daemon. */
  readonly anyPort?: boolean;
  /** Makes what answers the windows; the workers of this process when left out. */
  readonly service?: (parts: ServiceParts) => WindowService;
  readonly observer?: DaemonObserver;
}

/** What a daemon gives to the service that it is to use. */
export interface ServiceParts {
  /** Changes with each start. */
  readonly session: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** To be called when its faults have changed. */
  readonly onFaults: () => void;
}

/** Who looks on: live views, replays, tests. Called on the way of an event, so it must be quick. */
export interface DaemonObserver {
  events?(sensor: string, batch: EventBatch): void;
  result?(body: ResultBody, result: PipelineResult): void;
  /** A result before the end of its window. */
  update?(body: ResultBody, result: PipelineResult): void;
  sensorStatus?(sensor: string, status: SensorStatus): void;
  /** The state of the whole has changed. */
  edge?(report: EdgeReport): void;
}
