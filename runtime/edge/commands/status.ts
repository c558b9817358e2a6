import { z } from 'zod';
import type { SensorStatus } from '../../../devices/index.js';
import type { Pipeline } from '../../inference/index.js';
import { type Command, command } from '../../publish/index.js';
import { modelName } from '../model-name.js';
import type { EdgeReport } from '../state.js';

export interface StatusTarget {
  readonly report: () => EdgeReport;
  readonly pipelines: ReadonlyMap<string, Pick<Pipeline, 'state' | 'reason' | 'model'>>;
  /** Pipelines that could not even be made, each with the reason. */
  readonly refused: () => ReadonlyMap<string, string>;
  readonly sensorStates: ReadonlyMap<string, SensorStatus>;
  /** Names of the sensors that are being recorded. */
  readonly recording: () => Iterable<string>;
}

/** `status`: what the status of the edge says, and each sensor and pipeline in short. */
export function statusCommand({
  report,
  pipelines,
  refused,
  sensorStates,
  recording,
}: StatusTarget): Command {
  return command({
    name: 'status',
    about: 'how the edge, its sensors and its pipelines are',
    body: z.strictObject({}),
    run: () => ({
      ...report(),
      sensors: mapOf(sensorStates, ({ state, reason }) => ({ state, ...because(reason) })),
      pipelines: {
        ...mapOf(refused(), (reason) => ({ state: 'failed', ...because(reason) })),
        ...mapOf(pipelines, ({ state, reason, model }) => ({
          state,
          ...because(reason),
          ...(model === undefined ? {} : { model: `${modelName(model.id)}@${model.version}` }),
        })),
      },
      recording: [...recording()],
    }),
  });
}

function because(reason: string): { reason?: string } {
  return reason === '' ? {} : { reason };
}

function mapOf<T, U>(things: ReadonlyMap<string, T>, say: (thing: T) => U): Record<string, U> {
  return Object.fromEntries([...things].map(([name, thing]) => [name, say(thing)]));
}
