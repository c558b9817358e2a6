/** From the driver of a sensor in the configuration to one that decodes. */
import {
  type Calibration,
  createDriver,
  type Driver,
  type DriverKind,
  type DriverOptions,
  isFrameDriver,
  readCalibration,
} from '../devices/index.js';
import type { DriverConfig, SensorConfig } from './config/index.js';

/** What the sensor speaks. */
export function driverKind({ driver }: SensorConfig): DriverKind {
  return driver?.kind ?? 'tef';
}

/** The file that holds the rest levels of the sensor, for sensors that have one configured. */
export function calibrationFile({ driver }: SensorConfig): string | undefined {
  return driver !== undefined && isFrameDriver(driver) ? driver.calibration : undefined;
}

/** The calibration that the configuration names, if it names one. Throws CalibrationError, with what to do. */
export async function calibrationOf(name: string, config: SensorConfig): Promise<Calibration | undefined> {
  const file = calibrationFile(config);
  if (file === undefined) return undefined;
  return readCalibration(file).catch((error: Error) => {
    error.message += `; whorl calibrate --sensor ${name} makes it`;
    throw error;
  });
}

/**
 * A driver for the sensor. Throws RangeError for options that do not go together.
 * @param taxels number of taxels, for sensors that do not say it
 * @param calibration what the file has that the configuration names
 */
export function driverOf(
  config: Pick<SensorConfig, 'driver' | 'tickNs'>,
  taxels: number,
  calibration?: Calibration,
): Driver {
  const { tickNs } = config;
  const driver = config.driver ?? { kind: 'tef' };
  const tick = tickNs === undefined ? {} : { tickNs };
  if (driver.kind === 'tef') return createDriver({ kind: 'tef', taxels, ...tick });
  return createDriver({ ...optionsOf(driver, calibration), ...tick });
}

function optionsOf(driver: DriverConfig, calibration: Calibration | undefined): DriverOptions {
  if (!isFrameDriver(driver)) return driver;
  const { calibration: _file, ...options } = driver;
  return given({ ...options, ...(calibration === undefined ? {} : { calibration }) });
}

/** Without the keys that are not set: for options, leaving out and setting to undefined are not the same. */
function given<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
