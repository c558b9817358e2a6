import { z } from 'zod';
import { RecordError } from '../../../devices/index.js';
import { type Command, CommandError, command } from '../../publish/index.js';
import type { Recorder } from '../../recorder.js';
import { known } from './known.js';

export type RecordTarget = Pick<Recorder, 'sensors' | 'start' | 'stop'>;

const body = z.strictObject({
  sensor: z.string().optional().describe('name of the sensor; all that can be recorded when left out'),
});

/** `record-start` and `record-stop`; `recorder` is absent where there is no folder for recordings. */
export function recordCommands(recorder: RecordTarget | undefined): Command[] {
  return [
    command({
      name: 'record-start',
      about: 'records the raw bytes of sensors from now on, into record.folder',
      body,
      run: async ({ sensor }) => {
        const { start, names } = chosen(recorder, sensor);
        for (const name of names) await start(name).catch(refuse);
        return { recording: names };
      },
    }),
    command({
      name: 'record-stop',
      about: 'ends recording and brings it to the disk',
      body,
      run: async ({ sensor }) => {
        const { stop, names } = chosen(recorder, sensor);
        const ended: Record<string, object> = {};
        for (const name of names) {
          const ring = await stop(name);
          if (ring === undefined) continue;
          const { bytes, lost, written } = ring;
          ended[name] = { bytes, lost, files: written.slice(-10) };
        }
        return { ended };
      },
    }),
  ];
}

function chosen(recorder: RecordTarget | undefined, sensor: string | undefined) {
  if (recorder === undefined)
    throw new CommandError(
      'no-folder',
      'there is no folder for recordings',
      'set record.folder (and record.onStart: false, to record on command only) and start whorl anew',
    );
  const { sensors } = recorder;
  if (sensor !== undefined) known(new Map(sensors.map((name) => [name, true])), 'recordable-sensor', sensor);
  return {
    start: (name: string) => recorder.start(name),
    stop: (name: string) => recorder.stop(name),
    names: sensor === undefined ? sensors : [sensor],
  };
}

function refuse(error: unknown): never {
  if (error instanceof RecordError) throw new CommandError('record-failed', error.message);
  throw error;
}
