/** `whorl ctl` against daemons that run: over the embedded broker (MQTT 3.1.1) and over Mosquitto (MQTT 5). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { request } from '../../runtime/publish/index.js';
import { Command, run } from '../support/command.js';
import { configOf, startDaemon } from '../support/daemon.js';
import { Mosquitto } from '../support/mosquitto.js';
import { freePort } from '../support/ports.js';
import { needs } from '../support/programs.js';

/** No sensor and no pipeline: commands need neither. */
const bare = { sensors: {}, pipelines: {} };

test('a daemon with the embedded broker is told what to do, and says why not', async (t) => {
  const levels: string[] = [];
  const { daemon } = await startDaemon(t, configOf(bare), { setLogLevel: (level) => levels.push(level) });
  const ctl = (...words: string[]) => run(t, ['ctl', ...words, '--edge', 'e1', '--broker', daemon.brokerUrl]);

  const done = await ctl('log-level', 'level=debug');
  assert.deepEqual([done.code, done.stdout, done.stderr], [0, 'level  debug\n', '']);
  assert.deepEqual(levels, ['debug']);

  const refused = await ctl('log-level', 'levl=debug');
  assert.deepEqual([refused.code, refused.stdout], [1, '']);
  assert.match(
    refused.stderr,
    /^whorl: log-level: .*levl: is not a known key; did you mean level\? \(bad-body\)/,
  );
  assert.match(refused.stderr, /\n {2}known keys: level\n$/);

  const json = await ctl('nothing', '--json');
  assert.equal(json.code, 1);
  assert.equal(JSON.parse(json.stdout).error.code, 'unknown-command');
});

test('over MQTT 5 the answer comes back to whom it belongs', { skip: needs('mosquitto') }, async (t) => {
  const mosquitto = await Mosquitto.start(t);
  await startDaemon(t, configOf({ ...bare, mqtt: { url: mosquitto.url } }));
  const help = await run(t, ['ctl', 'help', '--edge', 'e1', '--broker', mosquitto.url, '--json']);
  assert.equal(help.code, 0, help.stderr);
  const { data } = JSON.parse(help.stdout) as { data: { commands: { name: string }[] } };
  assert.ok(data.commands.some(({ name }) => name === 'trigger'));

  const where = {
    target: { url: mosquitto.url, keepaliveS: 10, rejectUnauthorized: true },
    versions: [5, 4] as const,
    baseTopic: 'tactile',
  };
  const answer = await request(where, 'e1', 'trigger', { pipeline: 'x' }, { timeoutMs: 10_000 });
  assert.equal(answer.error!.code, 'unknown-pipeline');
});

test('no broker, no edge: who was asked, and how to ask another; wrong words: an exit code', async (t) => {
  const { daemon } = await startDaemon(t, configOf(bare));
  const nobody = await run(t, ['ctl', 'help', '--broker', `mqtt://127.0.0.1:${await freePort()}`]);
  assert.equal(nobody.code, 1);
  assert.match(
    nobody.stderr,
    /^whorl: no broker answers at mqtt:[^\n]*\n {2}asked was edge 'edge' at mqtt:.*\n/,
  );
  assert.match(nobody.stderr, /named with --edge and --broker, or with --config/);
  const other = await run(t, [
    'ctl',
    'help',
    '--edge',
    'e2',
    '--timeout',
    '0.3',
    '--broker',
    daemon.brokerUrl,
  ]);
  assert.equal(other.code, 1);
  assert.match(
    other.stderr,
    /^whorl: edge e2 did not answer within 0.3 s [^\n]*edge\.id[^\n]*\n {2}asked was edge 'e2' at/,
  );
  const usage = new Command(t, ['ctl', 'log-level', 'debug']);
  assert.equal((await usage.finished).code, 2);
});
