/**
 * whorl: the edge runtime as a library. `Daemon` is what `whorl run` runs; the message types and topics are what a robot
 * program needs to understand it. Networks and sensors alone are in `whorl/models` and `whorl/devices`.
 */
export {
  type Config,
  type ConfigIssue,
  formatIssue,
  type LoadOptions,
  type LoadResult,
  loadConfig,
  type Secrets,
} from './config/index.js';
export { Daemon, type DaemonObserver, type DaemonOptions } from './daemon.js';
export { createLogging, type Logger, type Logging, type LoggingOptions } from './log/index.js';
export {
  type Bodies,
  DELIVERY,
  type Decision,
  type Kind,
  messageJsonSchemas,
  type Result,
  Topics,
} from './publish/index.js';
export { version } from './version.js';
