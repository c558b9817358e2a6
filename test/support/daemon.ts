import assert from 'node:assert/strict';
import { type Config, loadConfig } from '../../runtime/config/index.js';
import { Daemon, type DaemonOptions } from '../../runtime/daemon.js';
import type { PipelineResult } from '../../runtime/inference/index.js';
import type { ResultBody } from '../../runtime/publish/index.js';
import type { Cleanup } from './cleanup.js';
import { recordingLog } from './log.js';
import { MqttSpy } from './mqtt-spy.js';

/** A configuration from its sections; the embedded broker takes any free port. */
export function configOf(sections: Readonly<Record<string, unknown>>): Config {
  const overrides = Object.entries({ edge: { id: 'e1' }, ...sections }).map(([key, value]) => ({
    path: [key],
    value,
    source: 'test',
  }));
  const result = loadConfig({ overrides });
  assert.ok('config' in result, JSON.stringify(result));
  const { config } = result;
  return { ...config, broker: { ...config.broker, port: 0 } };
}

/** A daemon that is stopped when the test ends, with what it logs and answers. */
export function makeDaemon(t: Cleanup, config: Config, options: Partial<DaemonOptions> = {}) {
  const { log, lines } = recordingLog();
  const results: { body: ResultBody; result: PipelineResult }[] = [];
  let check = (): void => {};
  const daemon = new Daemon({
    ...{ config, secrets: {}, log },
    observer: {
      result: (body, result) => {
        results.push({ body, result });
        check();
      },
    },
    ...options,
  });
  t.after(() => daemon.stop());
  /** Resolves when so many windows have been answered. */
  const answered = (count: number): Promise<void> =>
    new Promise((resolve) => {
      check = () => {
        if (results.length >= count) resolve();
      };
      check();
    });
  return { daemon, lines, results, answered };
}

/** Starts a daemon with an embedded broker, and a robot that listens to it. */
export async function startDaemon(t: Cleanup, config: Config, options: Partial<DaemonOptions> = {}) {
  const made = makeDaemon(t, config, options);
  await made.daemon.start();
  const robot = await MqttSpy.connect(t, made.daemon.brokerUrl, `${made.daemon.topic}/#`);
  return { ...made, robot };
}
