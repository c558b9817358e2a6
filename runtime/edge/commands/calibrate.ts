import { z } from 'zod';
import {
  type Calibration,
  frameDriverKinds,
  isFrameDriver,
  RestFrames,
  writeCalibration,
} from '../../../devices/index.js';
import type { Clock } from '../../clock.js';
import type { Config } from '../../config/index.js';
import { type Command, CommandError, command } from '../../publish/index.js';
import { calibrationFile, driverKind } from '../../sensor-driver.js';
import type { Input } from '../inputs.js';
import type { SensorSet } from '../sensor-set.js';
import { known } from './known.js';
import { type Exclusive, restart, sensorName } from './sensors.js';

export interface CalibrateTarget {
  readonly config: () => Config;
  readonly clock: Pick<Clock, 'setTimer'>;
  readonly sensors: Pick<SensorSet, 'inputs' | 'start' | 'stopped'>;
}

/**
 * `sensor-calibrate`: watches the untouched sensor while it works, writes the file that the configuration names, and
 * opens the sensor anew with it.
 */
export function calibrateCommand(target: CalibrateTarget, alone: Exclusive): Command {
  const { config, clock, sensors } = target;
  return command({
    name: 'sensor-calibrate',
    about: 'measures rest and noise of an untouched sensor that sends levels, and puts them in force',
    body: z.strictObject({
      sensor: sensorName,
      seconds: z.number().min(0.1).max(45).default(5).describe('how long to watch'),
    }),
    limitMs: 60_000,
    run: ({ sensor, seconds }) => {
      known(sensors.inputs, 'sensor', sensor);
      return alone(sensor, async () => {
        const { file, kind } = calibrated(config(), sensor);
        if (sensors.stopped.has(sensor))
          throw new CommandError('sensor-stopped', `sensor ${sensor} is stopped`, 'sensor-start opens it');
        const rest = await watch(sensors.inputs.get(sensor)!, seconds, clock);
        const calibration = calibrationOf(rest, kind, sensor);
        await write(file, calibration);
        await restart(sensors, sensor);
        const { frames, rest: levels } = calibration;
        const unquiet = rest.unquiet(calibration).length;
        return {
          sensor,
          file,
          frames,
          taxels: levels.length,
          unquiet,
          effect: 'in force: the sensor was opened anew',
        };
      });
    },
  });
}

/** Where the calibration of a sensor belongs. Throws `CommandError` for a sensor that has none. */
function calibrated({ sensors }: Config, name: string): { file: string; kind: string } {
  const sensor = sensors[name]!;
  const kind = driverKind(sensor);
  if (sensor.driver === undefined || !isFrameDriver(sensor.driver))
    throw new CommandError(
      'nothing-to-calibrate',
      `sensor ${name} speaks ${kind}, which sends events`,
      `sensors that send levels can be calibrated: ${frameDriverKinds.join(', ')}`,
    );
  const file = calibrationFile(sensor);
  if (file !== undefined) return { file, kind };
  throw new CommandError(
    'no-calibration-file',
    `the configuration names no calibration of sensor ${name}`,
    `make one with whorl calibrate, set sensors.${name}.driver.calibration to it and start whorl anew`,
  );
}

/** The frames of some seconds. */
async function watch(input: Input, seconds: number, clock: Pick<Clock, 'setTimer'>): Promise<RestFrames> {
  const rest = new RestFrames();
  input.onLevels = ({ values, length }) => rest.add(values.subarray(0, length));
  await new Promise<void>((resolve) => clock.setTimer(resolve, seconds * 1000));
  input.onLevels = undefined;
  return rest;
}

function calibrationOf(rest: RestFrames, kind: string, sensor: string): Calibration {
  try {
    return rest.calibrate(kind);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CommandError(
      'too-few-frames',
      `sensor ${sensor}: ${error.message}`,
      'watch longer, and see that it is online',
    );
  }
}

async function write(file: string, calibration: Calibration): Promise<void> {
  await writeCalibration(file, calibration).catch((error: Error) => {
    throw new CommandError('not-written', error.message, `let whorl write ${file}`);
  });
}
