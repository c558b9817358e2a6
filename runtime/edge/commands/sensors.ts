import { z } from 'zod';
import { type Command, CommandError, command } from '../../publish/index.js';
import type { SensorSet } from '../sensor-set.js';
import { known } from './known.js';

export type SensorTarget = Pick<SensorSet, 'inputs' | 'stopped' | 'start' | 'stop'>;

export const sensorName = z.string().describe('name of the sensor');

/** Runs one piece of work a sensor at a time; a second one is refused. */
export type Exclusive = <T>(sensor: string, work: () => Promise<T>) => Promise<T>;

export function exclusive(): Exclusive {
  const busy = new Set<string>();
  return async (sensor, work) => {
    if (busy.has(sensor))
      throw new CommandError(
        'busy',
        `sensor ${sensor} is being worked on`,
        'wait for the answer to the other command',
      );
    busy.add(sensor);
    try {
      return await work();
    } finally {
      busy.delete(sensor);
    }
  };
}

/** `sensor-stop` closes a sensor, whose pipelines see it as away; `sensor-start` opens it anew. */
export function sensorCommands(sensors: SensorTarget, alone: Exclusive): Command[] {
  return [
    command({
      name: 'sensor-stop',
      about: 'closes the port of a sensor until sensor-start',
      body: z.strictObject({ sensor: sensorName }),
      run: ({ sensor }) => {
        known(sensors.inputs, 'sensor', sensor);
        return alone(sensor, async () => {
          if (!sensors.stopped.has(sensor)) await sensors.stop(sensor);
          return { sensor, stopped: true };
        });
      },
    }),
    command({
      name: 'sensor-start',
      about: 'opens a sensor anew that was stopped, with its calibration as it is now',
      body: z.strictObject({ sensor: sensorName }),
      run: ({ sensor }) => {
        known(sensors.inputs, 'sensor', sensor);
        return alone(sensor, async () => {
          if (sensors.stopped.has(sensor)) await restart(sensors, sensor);
          return { sensor, stopped: false };
        });
      },
    }),
  ];
}

/** Opens a sensor anew. Throws `sensor-unusable` when its files cannot be used; it stays as it was. */
export async function restart(sensors: Pick<SensorSet, 'start'>, sensor: string): Promise<void> {
  await sensors.start(sensor).catch((error: Error) => {
    throw new CommandError('sensor-unusable', error.message);
  });
}
