import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from '../../../../runtime/config/check.js';
import { type Config, diffConfig, liveKeys } from '../../../../runtime/config/index.js';

function configOf(text: string): Config {
  const result = check({ text, env: {}, overrides: [] });
  assert.ok('config' in result, JSON.stringify(result));
  return result.config;
}

const base = `sensors:
  f: { transport: { kind: simulator } }
pipelines:
  p: { sensors: [f], model: demo }
`;

/** What differs when `more` stands in the file too: key, from, to, what it takes. */
function changes(before: string, after: string): unknown[][] {
  return diffConfig(configOf(before), configOf(after)).map(({ path, from, to, apply }) => [
    path,
    from,
    to,
    apply,
  ]);
}

test('each key that differs is told with both values and with what it takes', () => {
  assert.deepEqual(changes(base, base), []);
  assert.deepEqual(changes(base, `${base}log: { level: debug, to: stdout }\n`), [
    ['log.level', 'info', 'debug', 'live'],
    ['log.to', 'stderr', 'stdout', 'restart'],
  ]);
  assert.deepEqual(changes(base, base.replace('model: demo', 'model: demo, validMs: 7')), [
    ['pipelines.p.validMs', 500, 7, 'live'],
  ]);
});

test('sensors, sections and optional keys that come or go need a restart; another kind is one change', () => {
  const paths = (after: string) => changes(base, after).map(([path, , , apply]) => `${path} ${apply}`);
  assert.deepEqual(paths(base.replace('pipelines', '  g: { transport: { kind: simulator } }\npipelines')), [
    'sensors.g restart',
  ]);
  assert.deepEqual(paths(base.slice(0, base.indexOf('pipelines'))), ['pipelines.p restart']);
  assert.deepEqual(paths(base.replace('kind: simulator }', 'kind: tcp, host: h, port: 1 }')), [
    'sensors.f.transport.kind restart',
  ]);
  assert.deepEqual(paths(base.replace('model: demo', 'model: demo, anytime: { everyBins: 3 }')), [
    'pipelines.p.anytime.everyBins restart',
  ]);
  assert.deepEqual(
    paths(base.replace('[f]', '[f]').replace('kind: simulator', 'kind: simulator, count: 3')),
    ['sensors.f.transport.count restart'],
  );
});

test('live keys are listed for each sensor and pipeline, with unit, bounds and default', () => {
  const keys = liveKeys(configOf(base.replace('model: demo', 'model: demo, validMs: 7')));
  const key = (name: string) => keys.find((one) => one.name === name);
  const path = ['pipelines', 'p', 'validMs'];
  assert.deepEqual(key('pipelines.p.validMs'), {
    ...{ path, name: path.join('.'), value: 7, default: 500, unit: 'ms', minimum: 1, maximum: 600_000 },
  });
  assert.deepEqual(key('publish.compact')?.values, [true, false]);
  assert.ok(key('log.level')?.values?.includes('debug') && key('sensors.f.silentAfterMs'));
  assert.equal(key('mqtt.url'), undefined);
});
