import assert from 'node:assert/strict';
import { type CommandTargets, registerCommands } from '../../runtime/edge/commands/index.js';
import { Reload } from '../../runtime/edge/reload.js';
import { Settings } from '../../runtime/edge/settings.js';
import { Commands } from '../../runtime/publish/commands.js';
import { createPublishCounters } from '../../runtime/publish/counters.js';
import type { ResponseBody } from '../../runtime/publish/messages/response.js';
import { Topics } from '../../runtime/publish/topics.js';
import { FakeClock } from './clock.js';
import { configOf } from './daemon.js';
import { recordingLog } from './log.js';

/** An edge that has nothing. */
export function bareTargets(clock: FakeClock): CommandTargets {
  const nothing = {
    inputs: new Map(),
    stopped: new Set<string>(),
    start: async () => {},
    stop: async () => {},
  };
  return {
    status: {
      report: () => ({ status: 'ready', reasons: [] }),
      pipelines: new Map(),
      refused: () => new Map(),
      sensorStates: new Map(),
      recording: () => [],
    },
    pipelines: new Map(),
    models: { store: undefined, swapper: undefined, staging: undefined },
    sensors: nothing,
    calibrate: { config: () => configOf({}), clock, sensors: nothing },
    shutdown: { allowed: false, clock },
    settings: new Settings(configOf({})),
  };
}

/** The commands of an edge, sent as they arrive from a broker. */
export function edgeCommands(targets: Partial<CommandTargets>) {
  const clock = new FakeClock();
  const { log, lines } = recordingLog();
  const waiting = new Map<string, (body: ResponseBody) => void>();
  const topics = new Topics('tactile', 'e1');
  const commands = new Commands({
    ...{ topics, clock, log, counters: createPublishCounters() },
    answer: (_topic, body) => waiting.get(body.transaction ?? '')?.(body),
  });
  registerCommands(
    { onCommand: (name, handler, spec) => commands.register(name, handler, spec) },
    { ...bareTargets(clock), ...targets },
  );
  /** Resolves to the data of the answer; rejects with its error. */
  const send = async (name: string, body: object = {}): Promise<unknown> => {
    const transaction = String(waiting.size);
    const answered = new Promise<ResponseBody>((resolve) => waiting.set(transaction, resolve));
    const payload = Buffer.from(JSON.stringify({ ...body, transaction }));
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

/** Names of all commands that an edge can have, `help` and `ping` included, in order. */
export function commandNames(): string[] {
  const names = ['help', 'ping'];
  const targets = bareTargets(new FakeClock());
  const reload = new Reload({
    source: { text: '' },
    settings: new Settings(configOf({})),
    log: recordingLog().log,
  });
  registerCommands(
    { onCommand: (name) => void names.push(name) },
    { ...targets, reload, setLogLevel: () => {} },
  );
  return names.sort();
}
