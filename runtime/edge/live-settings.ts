/** What has to be told when live keys change. Everything else looks at the settings each time. */
import type { Config } from '../config/index.js';
import type { DaemonOptions } from '../daemon-options.js';
import { Reload } from './reload.js';
import type { SensorSet } from './sensor-set.js';
import type { Settings } from './settings.js';

export interface LiveSettingsOptions {
  readonly options: Pick<DaemonOptions, 'source' | 'log' | 'setLogLevel'>;
  readonly settings: Settings;
  readonly sensors: Pick<SensorSet, 'apply'>;
  /** Another configuration is in force. */
  readonly onChanged: (before: Config) => void;
}

/** Ties the log and the sensors to the settings; undefined: the configuration cannot be loaded again. */
export function liveSettings({
  options,
  settings,
  sensors,
  onChanged,
}: LiveSettingsOptions): Reload | undefined {
  const { source, log, setLogLevel } = options;
  settings.subscribe(({ log: { level } }, before) => {
    if (level !== before.log.level) setLogLevel?.(level);
  });
  settings.subscribe((config) => sensors.apply(config));
  return source === undefined ? undefined : new Reload({ source, settings, log, onChanged });
}
