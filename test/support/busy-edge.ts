import type { CaptureRing } from '../../devices/index.js';
import { registerCommands } from '../../runtime/edge/commands/index.js';
import type { Input } from '../../runtime/edge/inputs.js';
import { Commands } from '../../runtime/publish/commands.js';
import { createPublishCounters } from '../../runtime/publish/counters.js';
import type { ResponseBody } from '../../runtime/publish/messages/response.js';
import { Topics } from '../../runtime/publish/topics.js';
import { Refusal } from '../../runtime/swap/index.js';
import { FakeClock } from './clock.js';
import { configOf } from './daemon.js';
import { bareTargets } from './edge-commands.js';
import { recordingLog } from './log.js';

export interface SentAnswer {
  readonly topic: string;
  readonly body: ResponseBody;
}

/** The commands of an edge of which every part is there and does nothing: some at once, some later, some by refusing. */
export function busyEdge() {
  const clock = new FakeClock();
  const answers: SentAnswer[] = [];
  const topics = new Topics('tactile', 'e1');
  const { log, lines } = recordingLog();
  const commands = new Commands({
    ...{ topics, clock, log, counters: createPublishCounters() },
    answer: (topic, body) => {
      lines.length = 0;
      answers.push({ topic, body });
    },
  });
  const later = <T>(): Promise<T> =>
    new Promise((resolve) => clock.setTimer(() => resolve(undefined as T), 100));
  const sensors = {
    inputs: new Map([['mat', {} as Input]]),
    stopped: new Set<string>(),
    start: async (name: string) => {
      await later();
      sensors.stopped.delete(name);
    },
    stop: async (name: string) => void sensors.stopped.add(name),
  };
  const ring = { bytes: 1, lost: 0, written: [] } as unknown as CaptureRing;
  const driver = { kind: 'matrix', format: 'text', rows: 1, columns: 1, calibration: '/nowhere/mat.json' };
  const config = configOf({ sensors: { mat: { transport: { kind: 'tcp', host: 'h', port: 1 }, driver } } });
  const refuse = async (): Promise<never> => {
    throw new Refusal('not_found', 'it is not in the store');
  };
  registerCommands(
    { onCommand: (name, handler, spec) => commands.register(name, handler, spec) },
    {
      ...bareTargets(clock),
      pipelines: new Map([['touch', { trigger: () => 'opened' }]]),
      sensors,
      calibrate: { config: () => config, clock, sensors },
      recorder: { sensors: ['mat'], start: later, stop: async () => ring },
      shutdown: { allowed: true, begin: () => {}, clock },
      setLogLevel: () => {},
      models: {
        staging: { file: refuse, url: refuse, piece: later },
        store: { list: async () => [], verify: refuse },
        swapper: {
          slots: new Map(),
          look: async () => {},
          ...{ activate: later, rollback: refuse, shadow: later, remove: refuse },
        },
      },
    },
  );
  return { clock, commands, answers, topics, root: topics.root };
}
