export { faultLog, type TellFault } from './fault-log.js';
export {
  createLogging,
  type LogFormat,
  type Logger,
  type Logging,
  type LoggingOptions,
  type LogLevel,
} from './log.js';
