import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { neutouchB, type SensorStatus } from '../../../../devices/index.js';
import { type Config, configHash, loadConfig, type SensorConfig } from '../../../../runtime/config/index.js';
import { infoBody, modelBody } from '../../../../runtime/edge/info.js';
import { sensorStatusBody } from '../../../../runtime/edge/sensor-status.js';
import type { SensorPlan } from '../../../../runtime/sensors.js';
import { assertBody } from '../../../support/message-schemas.js';
import { loadedModel } from '../../../support/results.js';

const transports = {
  serial: { kind: 'serial', path: '/dev/ttyACM0' },
  tcp: { kind: 'tcp', host: '10.0.0.7', port: 4001 },
  replay: { kind: 'replay', file: '/data/a.capture' },
  simulator: { kind: 'simulator', seed: 9 },
};

const config: Config = (() => {
  const sensors = Object.fromEntries(
    Object.entries(transports).map(([name, transport]) => [name, { transport }]),
  );
  const pipelines = { touch: { sensors: ['serial'], model: 'demo', window: { kind: 'sliding' } } };
  const overrides = Object.entries({ sensors, pipelines }).map(([key, value]) => ({
    path: [key],
    value,
    source: 'test',
  }));
  const result = loadConfig({ overrides });
  assert.ok('config' in result, JSON.stringify(result));
  return result.config;
})();

function planOf(name: string): SensorPlan {
  const transport = (): never => assert.fail('is not opened');
  return { name, config: config.sensors[name]!, geometry: neutouchB, transport, lossless: false };
}

test('info: versions, host, configuration, and what is configured; without secrets', () => {
  const body = infoBody(config, [planOf('serial'), planOf('replay')], 1_784_177_470_000_000);
  assertBody('info', body);
  assert.equal(body.config_hash, configHash(config));
  assert.deepEqual(body.sensors, [
    { name: 'serial', transport: 'serial', codec: 'tef', geometry: 'neutouch-b', taxels: 39 },
    { name: 'replay', transport: 'replay', codec: 'tef', geometry: 'neutouch-b', taxels: 39 },
  ]);
  assert.deepEqual(body.pipelines, [
    { name: 'touch', sensors: ['serial'], window: 'sliding', engine: config.pipelines['touch']!.engine.name },
  ]);
  assert.ok(body.schemas.includes('tactile.result/1.0'));
});

describe('the model message', () => {
  test('names the model that answers, its labels and its window', () => {
    const body = modelBody('touch', loadedModel, 0.5, 1_784_177_470_000_000);
    assertBody('model', body);
    assert.equal(body.active?.sha256, loadedModel.sha256);
    assert.deepEqual(body.active?.labels, ['press', 'slip', 'none']);
    assert.deepEqual(body.active?.input, { taxels: 39, channels: 2, bins: 50, bin_us: 20_000 });
    assertBody('model', modelBody('touch', { ...loadedModel, id: 'two words' }, 0.5, 0));
  });

  test('without a model all roles are empty', () => {
    const body = modelBody('touch', undefined, 0.5, 0);
    assertBody('model', body);
    assert.deepEqual(body, {
      pipeline: 'touch',
      active: null,
      previous: null,
      candidate: null,
      shadow: null,
    });
  });
});

describe('the status of a sensor', () => {
  const status = (change: Partial<SensorStatus>): SensorStatus => ({
    ...{ state: 'online', reason: 'connected to pad', identity: undefined, sinceUs: 0 },
    ...change,
  });
  const sensor = (name: string): SensorConfig => config.sensors[name]!;

  test('says where it is, for every kind of transport', () => {
    const addresses = Object.keys(transports).map((kind) => {
      const body = sensorStatusBody(kind, sensor(kind), status({}));
      assertBody('sensor-status', body);
      return [body.identity?.transport, body.identity?.address];
    });
    assert.deepEqual(addresses, [
      ['serial', '/dev/ttyACM0'],
      ['tcp', '10.0.0.7:4001'],
      ['replay', '/data/a.capture'],
      ['simulator', 'seed 9'],
    ]);
  });

  test('says who it is, once it has said so', () => {
    const identity = {
      ...{ driver: 'tef', name: 'pad', uid: '0102030405060708', firmware: '1.0.2', taxels: 39 },
      ...{ tickNs: 1000, geometryId: 7, bootId: 1 },
    };
    const body = sensorStatusBody('serial', sensor('serial'), status({ identity }));
    assertBody('sensor-status', body);
    assert.deepEqual(body.identity, {
      ...{ transport: 'serial', address: '/dev/ttyACM0', serial: '0102030405060708', device: 'pad' },
      ...{ firmware: '1.0.2', taxels: 39, geometry: 'neutouch-b' },
    });
  });

  test('each state has its word; while it connects nothing can come, so it is absent', () => {
    const words = (['online', 'silent', 'absent', 'error', 'connecting'] as const).map((state) => {
      const body = sensorStatusBody('tcp', sensor('tcp'), status({ state, reason: '' }));
      assertBody('sensor-status', body);
      assert.equal('reason' in body, false);
      return body.status;
    });
    assert.deepEqual(words, ['online', 'silent', 'absent', 'error', 'absent']);
  });
});
