/** The short form of `npm run drill -- scale-out`, and what a gateway says while nobody answers. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Command } from '../support/command.js';
import { Mosquitto } from '../support/mosquitto.js';
import { MqttSpy } from '../support/mqtt-spy.js';
import { needs } from '../support/programs.js';
import { scaleRun } from '../support/scale-run.js';
import { temporaryFolder } from '../support/small-model.js';

test('two workers on Mosquitto, one killed mid-way: every window answered once, in order, with the labels of an ordinary run', {
  skip: needs('mosquitto'),
  timeout: 120_000,
}, async (t) => {
  const { figures, results } = await scaleRun({ contacts: 4, speed: 0, killAt: 0.4 });
  t.diagnostic(JSON.stringify(figures));
  assert.ok(figures['windows']! > 100);
  assert.equal(figures['answered'], figures['windows']);
  assert.deepEqual([figures['lost'], figures['gaps'], figures['wrong']], [0, 0, 0]);
  assert.ok(figures['by_killed']! > 0 && figures['by_other']! > 0, 'both had their share');
  const [first] = results;
  assert.deepEqual([first!.final, first!.model.id, first!.model.backend], [true, 'demo', 'cpu']);
  assert.equal(new Set(results.map(({ pipeline }) => pipeline)).size, 1);
});

test('without a worker a gateway is degraded and says what to start, with one it is ready, without again degraded', {
  skip: needs('mosquitto'),
  timeout: 60_000,
}, async (t) => {
  const broker = await Mosquitto.start(t);
  const robot = await MqttSpy.connect(t, broker.url, 'tactile/v1/gw/status', { protocolVersion: 5 });
  const file = join(temporaryFolder(), 'whorl.yaml');
  const config = {
    ...{ mqtt: { url: broker.url }, edge: { id: 'gw' } },
    sensors: { finger0: { transport: { kind: 'simulator' } } },
    pipelines: { touch: { sensors: ['finger0'], model: 'demo' } },
  };
  writeFileSync(file, JSON.stringify(config));
  const gateway = new Command(t, ['gateway', '--config', file]);
  const { json } = await robot.status('degraded');
  assert.match(
    String(json['reasons']),
    /^no worker serves model demo \([0-9a-f]{16}\); start one: whorl worker --broker mqtt/,
  );
  const worker = new Command(t, ['worker', '--broker', broker.url, '--model', 'demo']);
  await robot.status('ready');
  robot.forget();
  worker.kill('SIGINT');
  assert.equal((await worker.finished).code, 0);
  await robot.status('degraded');
  gateway.kill('SIGTERM');
  assert.equal((await gateway.finished).code, 0);
});
