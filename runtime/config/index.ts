export { storeModel } from './check-models.js';
export { ConfigFileError, type ConfigWrite, writeConfigFile } from './config-file.js';
export { type ConfigChange, diffConfig } from './diff.js';
export { driverSchema } from './driver-schema.js';
export { faultsOf } from './faults.js';
export { configHash } from './hash.js';
export { type ConfigIssue, formatIssue } from './issue.js';
export { type LiveKey, liveKeys, rangeText, takes } from './live-keys.js';
export { checkText, type LoadOptions, type LoadResult, loadConfig } from './load.js';
export { migratedFile } from './migrated-file.js';
export { nearest } from './nearest.js';
export { configJsonSchema } from './node.js';
export type { Override } from './overrides.js';
export { isFile } from './paths.js';
export { defaultWindow, ENGINES } from './pipeline-schema.js';
export type {
  BrokerConfig,
  Config,
  DriverConfig,
  LogConfig,
  MetricsConfig,
  ModelsConfig,
  MqttConfig,
  PipelineConfig,
  RecordConfig,
  SensorConfig,
  TransportConfig,
  WindowConfig,
} from './schema.js';
export { LOG_LEVELS } from './schema.js';
export type { Secrets } from './secrets.js';
export { setInYaml, YamlEditError } from './set-key.js';
