import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import {
  type ConfigOptions,
  configOptions,
  loadConfiguration,
} from '../../../../runtime/cli/configuration.js';
import { temporaryFolder } from '../../../support/small-model.js';

const file = join(temporaryFolder(), 'whorl.yaml');

function parse(...argv: string[]): ConfigOptions & { args: string[] } {
  const command = configOptions(new Command('run')).argument('[rest...]');
  command.parse(argv, { from: 'user' });
  return { ...command.opts<ConfigOptions>(), args: command.args };
}

test('--set wins over the file and over what the command itself sets, one setting each', () => {
  writeFileSync(file, 'mqtt: { keepaliveS: 30, baseTopic: a/b }\nbroker: { port: 1890 }\n');
  const options = parse('-c', file, '--set', 'mqtt.keepaliveS=7', '-s', 'edge.id=left=1', 'rest');
  assert.deepEqual(options.args, ['rest'], 'what stands behind a setting is none');
  assert.throws(() => loadConfiguration(options), /edge\.id/);
  const base = [
    { path: ['mqtt', 'keepaliveS'], value: 60, source: 'demo' },
    { path: ['broker', 'port'], value: 1900, source: 'demo' },
  ];
  const { config } = loadConfiguration(parse('-c', file, '--set', 'mqtt.keepaliveS=7'), base);
  assert.equal(config.mqtt.keepaliveS, 7);
  assert.equal(config.mqtt.baseTopic, 'a/b');
  assert.equal(config.broker.port, 1900);
});

test('every error is told at once, with its place, and the exit code is that of wrong configuration', () => {
  writeFileSync(
    file,
    'mqtt: { keepaliveS: 0, urll: embedded }\nsensors: { f: { transport: { kind: usb } } }\n',
  );
  assert.throws(
    () => loadConfiguration(parse('-c', file, '--set', 'broker.port=x')),
    (error: Error & { exitCode?: number }) => {
      assert.equal(error.exitCode, 2);
      const [head, ...lines] = error.message.split('\n');
      assert.equal(head, 'the configuration has 4 errors');
      assert.match(lines[0]!, /whorl\.yaml:1:\d+: mqtt\.keepaliveS: must be at least 1 s, is 0$/);
      assert.match(lines[1]!, /whorl\.yaml:1:\d+: mqtt\.urll: .*did you mean url\?/);
      assert.match(lines[2]!, /whorl\.yaml:2:\d+: sensors\.f\.transport\.kind: must be one of serial, tcp/);
      assert.match(lines[3]!, /^--set broker\.port: broker\.port: must be a number, is a text/);
      return true;
    },
  );
});

test('a setting that is none, and a file that is not there', () => {
  for (const setting of ['mqtt.url', '=x', ''])
    assert.throws(() => loadConfiguration(parse('--set', setting)), {
      exitCode: 2,
      message: /must be key=value/,
    });
  assert.throws(() => loadConfiguration(parse('-c', '/no/whorl.yaml')), {
    exitCode: 2,
    message: /the configuration has an error\n\/no\/whorl\.yaml: cannot be read: ENOENT/,
  });
});
