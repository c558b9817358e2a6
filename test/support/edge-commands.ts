import assert from 'node:assert/strict';
import { type CommandTargets, registerCommands } from '../../runtime/edge/commands/index.js';
import { Settings } from '../../runtime/edge/settings.js';
import { Commands } from '../../runtime/publish/commands.js';
import { createPublishCounters } from '../../runtime/publish/counters.js';
import type { ResponseBody } from '../../runtime/publish/messages/response.js';
import { Topics } from '../../runtime/publish/topics.js';
import { FakeClock } from './clock.js';
import { configOf } from './daemon.js';
import { recordingLog } from './log.js';

/** The commands of an edge, sent as they arrive from a broker. */
export function edgeCommands(targets: Partial<CommandTargets>) {
  const clock = new FakeClock();
  const { log, lines } = recordingLog();
  const waiting: ((body: ResponseBody) => void)[] = [];
  const topics = new Topics('tactile', 'e1');
  const commands = new Commands({
    ...{ topics, clock, log, counters: createPublishCounters() },
    answer: (_topic, body) => waiting.shift()?.(body),
  });
  registerCommands(
    { onCommand: (name, handler, spec) => commands.register(name, handler, spec) },
    {
      pipelines: new Map(),
      models: { store: undefined, swapper: undefined },
      settings: new Settings(configOf({})),
      ...targets,
    },
  );
  /** Resolves to the data of the answer; rejects with its error. */
  const send = async (name: string, body: object = {}): Promise<unknown> => {
    const answered = new Promise<ResponseBody>((resolve) => waiting.push(resolve));
    const payload = Buffer.from(JSON.stringify(body));
    commands.receive({ topic: `${topics.root}/cmd/${name}`, payload, retain: false });
    const { status, data, error } = await answered;
    if (status === 'ok') return data;
    throw error;
  };
  return { clock, lines, send };
}

/** The error that a command was refused with. */
export async function refusal(sent: Promise<unknown>): Promise<NonNullable<ResponseBody['error']>> {
  return await sent.then(
    (data) => assert.fail(`carried out: ${JSON.stringify(data)}`),
    (error: NonNullable<ResponseBody['error']>) => error,
  );
}
