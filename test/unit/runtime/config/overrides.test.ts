import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from '../../../../runtime/config/check.js';
import {
  type Config,
  configJsonSchema,
  formatIssue,
  type Override,
} from '../../../../runtime/config/index.js';

const text = `sensors:
  finger0: {transport: {kind: serial, path: /dev/a}}
  finger-0.b: {transport: {kind: serial, path: /dev/b}}
  finger: {transport: {kind: serial, path: /dev/c}}
pipelines:
  p: {sensors: [finger0], model: demo}
`;

function accept(env: Record<string, string>, overrides: Override[] = []): Config {
  const result = check({ text, env, overrides });
  if ('errors' in result) assert.fail(result.errors.map((issue) => formatIssue(issue)).join('\n'));
  return result.config;
}

function refuse(env: Record<string, string>): string[] {
  const result = check({ text, env, overrides: [] });
  assert.ok('errors' in result);
  return result.errors.map((issue) => formatIssue(issue));
}

test('variables set keys, as the type that the schema wants', () => {
  const config = accept({
    WHORL_MQTT_URL: 'mqtt://broker:1883',
    WHORL_MQTT_VERSION: '5',
    WHORL_MQTT_REJECTUNAUTHORIZED: 'false',
    WHORL_MQTT_RECONNECT_MINMS: '250',
    WHORL_PUBLISH_MINSCORE: '2.5e-1',
    WHORL_SENSORS_FINGER0_TRANSPORT_BAUDRATE: '115200',
    WHORL_PIPELINES_P_SENSORS: 'finger0, finger',
    WHORL_PIPELINES_P_WINDOW_KIND: 'sliding',
    WHORL_PIPELINES_P_WINDOW_HOPMS: '50',
    WHORL_EDGE_ID: '12',
  });
  const { transport } = config.sensors['finger0']!;
  assert.equal(config.mqtt.url, 'mqtt://broker:1883');
  assert.equal(config.mqtt.version, 5);
  assert.equal(config.mqtt.rejectUnauthorized, false);
  assert.equal(config.mqtt.reconnect.minMs, 250);
  assert.equal(config.publish.minScore, 0.25);
  assert.equal(transport.kind === 'serial' && transport.baudRate, 115200);
  assert.deepEqual(config.pipelines['p']!.sensors, ['finger0', 'finger']);
  assert.deepEqual(config.pipelines['p']!.window, { kind: 'sliding', hopMs: 50, emitEmpty: false });
  assert.equal(config.edge.id, '12');
});

test('names in the file are matched whole; a new name makes a new entry', () => {
  const config = accept({
    WHORL_SENSORS_FINGER_0_B_TRANSPORT_PATH: '/dev/x',
    WHORL_SENSORS_FINGER_TRANSPORT_PATH: '/dev/y',
    WHORL_SENSORS_THUMB_TRANSPORT_KIND: 'simulator',
    WHORL_SENSORS_THUMB_TRANSPORT_CONTACTS: '["tap"]',
  });
  const path = (name: string): unknown => {
    const { transport } = config.sensors[name]!;
    return transport.kind === 'serial' ? transport.path : undefined;
  };
  assert.deepEqual([path('finger0'), path('finger-0.b'), path('finger')], ['/dev/a', '/dev/x', '/dev/y']);
  const { transport } = config.sensors['thumb']!;
  assert.deepEqual(transport.kind === 'simulator' && transport.contacts, ['tap']);
});

test('every key of the schema outside free names has a variable that sets it', () => {
  const leaves: [string[], Record<string, unknown>][] = [];
  const walk = (node: Record<string, unknown>, path: string[]): void => {
    const properties = node['properties'] as Record<string, Record<string, unknown>> | undefined;
    if (properties === undefined) leaves.push([path, node]);
    else for (const [key, next] of Object.entries(properties)) walk(next, [...path, key]);
  };
  walk(configJsonSchema(), []);
  const keys = leaves.filter(([, node]) => node['additionalProperties'] === undefined);
  assert.ok(keys.length > 20);
  for (const [path] of keys) {
    const name = `WHORL_${path.join('_').toUpperCase()}`;
    const result = check({ text, env: { [name]: '\u0000' }, overrides: [] });
    const found = 'errors' in result ? result.errors.filter(({ source }) => source === name) : [];
    const accepted = 'config' in result;
    assert.ok(accepted || found.some((issue) => issue.path === path.join('.')), name);
  }
});

test('what is wrong with a variable is told with its name', () => {
  assert.deepEqual(refuse({ WHORL_MQTT_KEEPALIVES: 'often', WHORL_MQTT_URI: 'x' }), [
    'WHORL_MQTT_KEEPALIVES: mqtt.keepaliveS: must be a number, is a text',
    'WHORL_MQTT_URI: names no setting; did you mean WHORL_MQTT_URL?',
  ]);
});

test('variables of others are no errors: unknown sections warn, ours for tests and secrets are silent', () => {
  const env = {
    WHORL_PORT_1883_TCP: 'x',
    WHORL_MQQT_URL: 'x',
    WHORL_TEST_NO_SKIP: '1',
    WHORL_CONFIG: 'x',
    PATH: 'x',
  };
  const result = check({ text, env, overrides: [] });
  assert.ok('config' in result);
  assert.deepEqual(
    result.warnings.map((issue) => formatIssue(issue)),
    [
      'WHORL_MQQT_URL: is ignored: it names no section of the configuration; did you mean WHORL_MQTT_URL?',
      'WHORL_PORT_1883_TCP: is ignored: it names no section of the configuration',
    ],
  );
});

test('names that are written alike in variables have none', () => {
  const alike = 'sensors: {a-b: {transport: {kind: simulator}}, a.b: {transport: {kind: simulator}}}';
  const result = check({ text: alike, env: { WHORL_SENSORS_A_B_TRANSPORT_SEED: '7' }, overrides: [] });
  assert.ok('errors' in result);
  assert.deepEqual(
    result.errors.map((issue) => formatIssue(issue)),
    ['WHORL_SENSORS_A_B_TRANSPORT_SEED: names no setting'],
  );
});

test('empty variables count as not set', () => {
  assert.equal(accept({ WHORL_MQTT_URL: '' }).mqtt.url, 'embedded');
});

test('overrides win over variables, and those over the file', () => {
  const override = { path: ['edge', 'id'], value: 'flag', source: '--edge' };
  assert.equal(accept({ WHORL_EDGE_ID: 'env' }).edge.id, 'env');
  assert.equal(accept({ WHORL_EDGE_ID: 'env' }, [override]).edge.id, 'flag');
  assert.equal(accept({}, [{ path: ['broker', 'port'], value: '2000', source: '--port' }]).broker.port, 2000);
  const bad = check({ text, env: {}, overrides: [{ ...override, value: 'a b' }] });
  assert.ok('errors' in bad);
  assert.match(formatIssue(bad.errors[0]!), /^--edge: edge\.id: must be 1 to 64 letters/);
});
