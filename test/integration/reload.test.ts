/** `whorl run` as a process: SIGHUP with a good file, a broken one, and one that needs a restart; and check-config --migrate. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Command, run } from '../support/command.js';
import { MqttSpy } from '../support/mqtt-spy.js';
import { freePort } from '../support/ports.js';
import { temporaryFolder } from '../support/small-model.js';

const folder = temporaryFolder();

test('SIGHUP takes over live keys, and nothing of a file that is broken or needs a restart', {
  timeout: 60_000,
}, async (t) => {
  const file = join(folder, 'whorl.yaml');
  const port = await freePort();
  const text = `configVersion: 2
edge: { id: r1 }
log: { format: json }
broker: { port: ${port} }
sensors:
  finger: { transport: { kind: simulator, speed: 5 } }
pipelines:
  touch: { sensors: [finger], model: demo, window: { kind: sliding, emitEmpty: true }, validMs: 500 }
publish: { spikes: false }
`;
  writeFileSync(file, text);
  const daemon = new Command(t, ['run', '--config', file]);
  await daemon.line(/whorl is up/);
  const robot = await MqttSpy.connect(t, `mqtt://127.0.0.1:${port}`, 'tactile/v1/r1/#');
  const next = (kind: string, fits: (json: Record<string, unknown>) => boolean, what: string) =>
    robot.next(({ topic, json }) => topic.endsWith(`/${kind}`) && fits(json), what);
  const before = (await next('info', () => true, 'info')).json['config_hash'];

  writeFileSync(file, text.replace('spikes: false', 'spikes: true'));
  daemon.kill('SIGHUP');
  await daemon.line(/configuration taken over/);
  await next('result', ({ spikes }) => spikes !== undefined, 'a result with spikes');
  await next('info', ({ config_hash }) => config_hash !== before, 'info of the new configuration');

  writeFileSync(file, text.replace('spikes: false', 'spikes: perhaps'));
  daemon.kill('SIGHUP');
  assert.match(await daemon.line(/the configuration stays as it was: .*has errors/), /publish\.spikes/);
  writeFileSync(file, text.replace('r1', 'r2').replace('validMs: 500', 'validMs: 7'));
  daemon.kill('SIGHUP');
  assert.match(await daemon.line(/at a start only/), /edge\.id/);
  robot.forget();
  await next('result', ({ final, spikes }) => final === true && spikes !== undefined, 'still with spikes');

  daemon.kill('SIGTERM');
  assert.equal((await daemon.finished).code, 0);
});

test('check-config --migrate writes the file in the newest layout and keeps the one before', {
  timeout: 30_000,
}, async (t) => {
  const file = join(folder, 'old.yaml');
  const old = '# mine\nsensors:\n  f: { transport: { kind: simulator }, codec: tef } # old\n';
  writeFileSync(file, old);
  const warned = await run(t, ['check-config', file]);
  assert.match(
    warned.stderr,
    /warning: .*old\.yaml:3:\d+: sensors\.f\.codec: is driver\.kind since version 2/,
  );
  const migrated = await run(t, ['check-config', '--migrate', file]);
  assert.deepEqual([migrated.code, migrated.stderr], [0, '']);
  assert.match(migrated.stdout, /the file before is .*old\.yaml\.bak\n$/);
  assert.equal(
    readFileSync(file, 'utf8'),
    `configVersion: 2\n${old.replace('codec: tef', 'driver: { kind: tef }')}`,
  );
  assert.equal(readFileSync(`${file}.bak`, 'utf8'), old);
  const again = await run(t, ['check-config', '--migrate', file]);
  assert.deepEqual([again.code, again.stderr], [0, '']);
  assert.match(again.stdout, /has the layout of this version/);
  writeFileSync(file, `${old}# again\n`);
  const second = await run(t, ['check-config', '--migrate', file]);
  assert.match(second.stdout, /the file before is .*old\.yaml\.bak\.1\n$/);
  assert.equal(readFileSync(`${file}.bak`, 'utf8'), old);
  assert.equal(readFileSync(`${file}.bak.1`, 'utf8'), `${old}# again\n`);
  writeFileSync(file, 'configVersion: 9\n');
  const newer = await run(t, ['check-config', '--migrate', file]);
  assert.equal(newer.code, 2);
  assert.match(newer.stderr, /old\.yaml:1:1: configVersion: is 9, of a newer whorl/);
});
