import assert from 'node:assert/strict';
import { test } from 'node:test';
import { neutouchB, parseGeometry } from '../../../../devices/index.js';
import { type Config, loadConfig } from '../../../../runtime/config/index.js';
import { planPipelines } from '../../../../runtime/edge/pipelines.js';
import type { SensorPlan } from '../../../../runtime/sensors.js';

const pad = parseGeometry({ id: 'pad', grid: { rows: 4, cols: 4, pitch: [2, 2] } });

function configOf(pipelines: object): Config {
  const simulator = { transport: { kind: 'simulator' } };
  const sensors = { a: simulator, b: simulator, pad: simulator, recorded: simulator };
  const overrides = Object.entries({ sensors, pipelines }).map(([key, value]) => ({
    path: [key],
    value,
    source: 'test',
  }));
  const result = loadConfig({ overrides });
  assert.ok('config' in result, JSON.stringify(result));
  return result.config;
}

/** Plans for pipelines over the sensors a, b (39 taxels), pad (16 taxels) and recorded, a recording; b is disabled. */
function plan(pipelines: object) {
  const config = configOf(pipelines);
  const sensors = ['a', 'pad', 'recorded'].map(
    (name): SensorPlan => ({
      name,
      config: config.sensors[name]!,
      geometry: name === 'pad' ? pad : neutouchB,
      transport: () => assert.fail('is not opened'),
      lossless: name === 'recorded',
    }),
  );
  return planPipelines(config, sensors);
}

test('a pipeline that can run: how many taxels, how many windows may wait', () => {
  const { ready, refused, off } = plan({ touch: { sensors: ['a'], model: 'demo', queueLimit: 7 } });
  assert.deepEqual([refused.size, off.size], [0, 0]);
  const [{ name, taxels, queueLimit } = assert.fail()] = ready;
  assert.deepEqual([name, taxels, queueLimit], ['touch', 39, 7]);
});

test('a pipeline that hears recordings alone drops no window', () => {
  const { ready } = plan({
    recording: { sensors: ['recorded'], model: 'demo' },
    both: { sensors: ['recorded', 'a'], model: 'demo' },
  });
  assert.deepEqual(
    ready.map(({ queueLimit }) => queueLimit),
    [65_536, 4],
  );
});

test('one that is disabled, or whose sensor is, is off', () => {
  const { ready, refused, off } = plan({
    touch: { sensors: ['a'], model: 'nosuch', enabled: false },
    other: { sensors: ['a', 'b'], model: 'nosuch' },
  });
  assert.deepEqual([ready.length, refused.size], [0, 0]);
  assert.deepEqual(
    [...off],
    [
      ['touch', 'disabled'],
      ['other', 'its sensor b is disabled'],
    ],
  );
});

test('one that cannot run says why, and the others run', () => {
  const { ready, refused } = plan({
    mixed: { sensors: ['a', 'pad'], model: 'demo' },
    good: { sensors: ['a'], model: 'demo' },
  });
  assert.deepEqual(
    ready.map(({ name }) => name),
    ['good'],
  );
  assert.match(
    refused.get('mixed')!,
    /different numbers of taxels \(a 39, pad 16\): give each kind of sensor/,
  );
  assert.deepEqual([...refused.keys()], ['mixed']);
});
