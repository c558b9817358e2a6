export {
  createLogging,
  type LogFormat,
  type Logger,
  type Logging,
  type LoggingOptions,
  type LogLevel,
} from './log.js';
