import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { horowitz45nm } from '../../../../models/index.js';
import {
  type ConfigIssue,
  configHash,
  formatIssue,
  type LoadOptions,
  loadConfig,
} from '../../../../runtime/config/index.js';
import { root } from '../../../support/paths.js';
import { temporaryFolder } from '../../../support/small-model.js';

const folder = temporaryFolder();

function file(text: string, name = 'whorl.yaml'): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

function load(text: string, options: LoadOptions = {}) {
  const result = loadConfig({ file: file(text), env: {}, ...options });
  if ('errors' in result) assert.fail(result.errors.map((issue) => formatIssue(issue)).join('\n'));
  return result;
}

function errors(text: string, options: LoadOptions = {}): readonly ConfigIssue[] {
  const result = loadConfig({ file: file(text), env: {}, ...options });
  assert.ok('errors' in result, 'the configuration should not have been accepted');
  return result.errors;
}

const sensor = 'sensors: {f: {transport: {kind: serial, path: /dev/ttyACM0}}}';

test('without a file the defaults make a configuration', () => {
  const result = loadConfig();
  assert.ok('config' in result);
  assert.equal(result.config.mqtt.url, 'embedded');
  assert.equal(result.config.mqtt.keepaliveS, 10);
  assert.deepEqual(result.config.mqtt.reconnect, { minMs: 100, maxMs: 1500 });
  assert.deepEqual(result.config.broker, { host: '127.0.0.1', port: 1883, allowRemote: false });
  assert.deepEqual(result.config.sensors, {});
  assert.deepEqual(result.secrets, {});
});

test('the example holds, and every default it shows is the default', () => {
  const example = loadConfig({ file: join(root, 'runtime', 'config', 'example.yaml'), env: {} });
  assert.ok(
    'config' in example,
    'errors' in example ? example.errors.map((issue) => formatIssue(issue)).join('\n') : '',
  );
  const bare = load(
    `edge: {id: grip-left}
sensors: {finger0: {transport: {kind: serial, path: ${'/dev/serial/by-id/usb-whorl_fingertip_0001-if00'}}, taxels: 39}}
pipelines: {contact: {sensors: [finger0], model: demo, window: {kind: onset, releaseEvents: 4}}}`,
  );
  const { sensors, pipelines, ...rest } = example.config;
  const { sensors: bareSensors, pipelines: barePipelines, ...bareRest } = bare.config;
  assert.deepEqual(rest, bareRest);
  assert.deepEqual(sensors['finger0'], bareSensors['finger0']);
  assert.deepEqual(pipelines['contact'], barePipelines['contact']);
});

test('estimates of energy are made with the costs of the ledger, if not told otherwise', () => {
  assert.deepEqual(load('').config.energy, horowitz45nm);
  const [issue] = errors('energy: {macPj: 0}');
  assert.match(formatIssue(issue!), /energy\.macPj: must be at least 0\.001 pJ, is 0/);
});

test('all errors are told at once, with path, place, bound, unit and a hint', () => {
  const issues = errors(`mqtt:
  keepaliveS: 0
  baseTpoic: x
log: {level: inof}
sensors:
  a: {transport: {kind: serial, path: /dev/x, baudRate: fast}}
  b: {transport: {kind: seriel}}
pipelines:
  p: {sensors: [a, c, a], model: demo, validMs: 0.5}
`);
  const found = issues.map((issue) => formatIssue(issue, 'w.yaml'));
  assert.deepEqual(found, [
    'w.yaml:2:3: mqtt.keepaliveS: must be at least 1 s, is 0',
    'w.yaml:3:3: mqtt.baseTpoic: is not a known key; did you mean baseTopic?',
    "w.yaml:4:7: log.level: must be one of trace, debug, info, warn, error, fatal, silent, is 'inof'",
    'w.yaml:6:47: sensors.a.transport.baudRate: must be a number, is a text',
    "w.yaml:7:19: sensors.b.transport.kind: must be one of serial, tcp, replay, simulator, is 'seriel'",
    "w.yaml:9:20: pipelines.p.sensors.1: names the sensor 'c', which is not there; add it under sensors",
    "w.yaml:9:23: pipelines.p.sensors.2: names 'a' a second time",
    'w.yaml:9:40: pipelines.p.validMs: must be a whole number, is 0.5',
  ]);
});

test('names must be fit for topics, and the prototype is not in the way', () => {
  const paths = errors(`sensors:
  a/b: {transport: {kind: tcp, host: h, port: 1}}
  "#": {transport: {kind: tcp, host: h, port: 1}}
  __proto__: {transport: {kind: tcp, host: h, port: 1}}
`).map(({ path }) => path);
  assert.deepEqual(paths, ['sensors.a/b', 'sensors.#', 'sensors.__proto__']);
  assert.equal(({} as Record<string, unknown>)['transport'], undefined);
});

test('an edge has not the name of the branch where windows for workers go', () => {
  const [issue] = errors('edge: {id: work}');
  assert.equal(issue!.path, 'edge.id');
  assert.match(issue!.message, /must not be 'work'/);
});

test('YAML that cannot be read is placed, duplicate keys and endless aliases included', () => {
  assert.match(formatIssue(errors('mqtt: {\n  url: [1\n')[0]!), /^config:\d+:\d+: is not valid YAML: /);
  assert.match(errors('edge: {id: a}\nedge: {id: b}')[0]!.message, /unique/);
  assert.equal(errors('edge: {id: a}\nedge: {id: b}')[0]!.line, 2);
  assert.match(errors('- a\n- b')[0]!.message, /mapping of keys/);
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 8; i++) {
    const [name, last] = [String.fromCharCode(97 + i), String.fromCharCode(96 + i)];
    bomb.push(`${name}: &${name} [${Array(10).fill(`*${last}`).join(', ')}]`);
  }
  assert.match(errors(bomb.join('\n'))[0]!.message, /not valid YAML/);
  assert.match(errors('#'.repeat(1_100_000))[0]!.message, /larger than/);
});

test('a file that is not there is an error that names the reason', () => {
  const result = loadConfig({ file: join(folder, 'absent.yaml') });
  assert.ok('errors' in result);
  assert.match(result.errors[0]!.message, /cannot be read: ENOENT/);
});

test('a section with nothing below it means its defaults', () => {
  assert.equal(load('mqtt:\nbroker:\nsensors:\n').config.mqtt.baseTopic, 'tactile');
  assert.match(errors('sensors:\n  a:\n')[0]!.message, /is missing/);
});

test('rules between keys', () => {
  const cases: [string, string, RegExp][] = [
    ['mqtt: {url: "mqtts://h:1", certFile: c.pem}', 'mqtt.certFile', /needs mqtt.keyFile/],
    ['mqtt: {url: "mqtt://h:1", caFile: c.pem}', 'mqtt.caFile', /only with an mqtts/],
    ['mqtt: {passwordFile: p}', 'mqtt.passwordFile', /needs mqtt.username/],
    ['mqtt: {reconnect: {minMs: 500, maxMs: 100}}', 'mqtt.reconnect.minMs', /must not exceed maxMs/],
    ['mqtt: {url: "mqtt://h:99999"}', 'mqtt.url', /port/],
    ['broker: {host: 0.0.0.0}', 'broker.host', /loopback/],
    ['metrics: {host: "::"}', 'metrics.host', /metrics.allowRemote/],
    [
      'sensors: {a: {transport: {kind: serial, path: /x}}, b: {transport: {kind: serial, path: /x}}}',
      'sensors.b.transport.path',
      /port of sensor a/,
    ],
    [
      `${sensor}\npipelines: {p: {sensors: [f], model: m, window: {kind: onset, thresholdEvents: 3, releaseEvents: 4}}}`,
      'pipelines.p.window.releaseEvents',
      /must not exceed thresholdEvents/,
    ],
    [
      `${sensor}\npipelines: {p: {sensors: [f], model: m, anytime: {decideBy: model, holdBins: 3}}}`,
      'pipelines.p.anytime.holdBins',
      /has a meaning only with decideBy: fixed/,
    ],
    [
      'configVersion: 3',
      'configVersion',
      /is 3, of a newer whorl; this one knows versions up to 2: update it/,
    ],
    ['configVersion: 0', 'configVersion', /must be 2 or less, is 0/],
  ];
  for (const [text, path, message] of cases) {
    const found = errors(text);
    assert.deepEqual([text, found.map((issue) => issue.path)], [text, [path]]);
    assert.match(found[0]!.message, message);
  }
  assert.equal(load('broker: {host: 0.0.0.0, allowRemote: true}').config.broker.host, '0.0.0.0');
  const many = Array.from({ length: 65 }, (_, i) => `s${i}: {transport: {kind: tcp, host: h, port: 1}}`);
  assert.match(errors(`sensors: {${many.join(', ')}}`)[0]!.message, /at most 64 entries, has 65/);
});

test('file names become absolute, from the folder of the file; built-in names stay', () => {
  const { config } = load(`sensors:
  a: {transport: {kind: replay, file: run/a.whorl}, geometry: skin.json}
pipelines:
  p: {sensors: [a], model: models/x.safetensors}
  q: {sensors: [a], model: demo}
`);
  const { transport, geometry } = config.sensors['a']!;
  assert.equal(transport.kind === 'replay' && transport.file, join(folder, 'run/a.whorl'));
  assert.equal(geometry, join(folder, 'skin.json'));
  assert.equal(config.pipelines['p']!.model, join(folder, 'models/x.safetensors'));
  assert.equal(config.pipelines['q']!.model, 'demo');
});

test('secrets stand apart, come from file or environment, and print as [secret]', () => {
  const passwordFile = file('hunter2\n', 'password');
  const text = `mqtt: {username: robot, passwordFile: ${passwordFile}}`;
  const { config, secrets } = load(text);
  assert.equal(secrets.mqttPassword?.reveal(), 'hunter2');
  const seen = [
    JSON.stringify({ config, secrets }),
    inspect({ config, secrets }, { depth: 9 }),
    `${secrets.mqttPassword}`,
  ];
  for (const output of seen) assert.doesNotMatch(output, /hunter/);
  const fromEnv = load(text, { env: { WHORL_MQTT_PASSWORD: 'hunter3' } });
  assert.equal(fromEnv.secrets.mqttPassword?.reveal(), 'hunter3');
});

test('a password is refused in the file, and no error repeats it', () => {
  const texts = [
    'mqtt: {username: u, password: hunter2}',
    'mqtt: {pasword: hunter2}',
    'mqtt: {url: "mqtt://u:hunter2@host"}',
    'mqtt: {url: "mqtt://u:hunter2@host", password: hunter2',
  ];
  for (const text of texts) {
    const output = errors(text)
      .map((issue) => formatIssue(issue))
      .join('\n');
    assert.doesNotMatch(output, /hunter2/, text);
  }
  assert.match(errors(texts[0]!)[0]!.message, /WHORL_MQTT_PASSWORD/);
});

test('a secret that others may read is a warning, one that is not there an error', () => {
  const open = join(folder, 'open');
  writeFileSync(open, 'x', { mode: 0o644 });
  const { warnings } = load(`mqtt: {username: u, passwordFile: ${open}}`);
  assert.match(warnings[0]!.message, /chmod 600/);
  assert.match(errors('mqtt: {username: u, passwordFile: gone}')[0]!.message, /cannot be read: ENOENT/);
  assert.deepEqual(
    errors('edge: {id: a}', { env: { WHORL_MQTT_PASSWORD: 'x' } }).map(({ path }) => path),
    ['mqtt.username'],
  );
});

test('the hash follows the values and not their order', () => {
  const one = load('edge: {id: a}\nlog: {level: warn, to: stdout}').config;
  const same = load('log: {to: stdout, level: warn}\nedge: {id: a}').config;
  const other = load('edge: {id: b}\nlog: {level: warn, to: stdout}').config;
  assert.match(configHash(one), /^[0-9a-f]{64}$/);
  assert.equal(configHash(one), configHash(same));
  assert.notEqual(configHash(one), configHash(other));
});

test('drivers: what each needs, and what does not go together', () => {
  const of = (driver: string, more = ''): string =>
    `sensors: {f: {transport: {kind: tcp, host: h, port: 1}, driver: ${driver}${more}}}`;
  const mat = 'kind: matrix, format: flexitac, rows: 12, columns: 32';
  for (const [text, path, says] of [
    [of('{kind: edsv}'), 'sensors.f.driver.kind', /must be one of tef, edvs, matrix, .*is 'edsv'/],
    [of(`{${mat}}`), 'sensors.f.driver', /needs a calibration.*whorl calibrate --sensor f/],
    [of(`{${mat}, threshold: 0}`), 'sensors.f.driver.threshold', /./],
    [of('{kind: edvs, threshold: 3}'), 'sensors.f.driver.threshold', /is not a known key/],
    [of('{kind: edvs, timestampBits: 12}'), 'sensors.f.driver.timestampBits', /must be one of auto, 0, 16/],
    [of('{kind: edvs}', ', codec: tef'), 'sensors.f.codec', /is not a key any more: it is driver\.kind now/],
  ] as const) {
    const [issue, ...others] = errors(text);
    assert.deepEqual([issue?.path, others], [path, []], text);
    assert.match(issue!.message, says);
  }
  const { driver } = load(of(`{${mat}, calibration: mat.json}`)).config.sensors['f']!;
  assert.ok(driver?.kind === 'matrix');
  assert.equal(driver.calibration, join(folder, 'mat.json'));
  assert.equal(load(of('{kind: tef}', ', codec: tef')).config.sensors['f']?.driver?.kind, 'tef');
});
