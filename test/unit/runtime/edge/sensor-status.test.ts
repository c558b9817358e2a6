import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SensorStatus } from '../../../../devices/index.js';
import type { SensorConfig } from '../../../../runtime/config/index.js';
import { sensorStatusBody } from '../../../../runtime/edge/sensor-status.js';
import { assertBody } from '../../../support/message-schemas.js';
import { configOfSensors, transports } from '../../../support/sensor-config.js';

const config = configOfSensors();

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

  test('says by what it is looked for, and what its link could not be given', () => {
    const transport = { ...sensor('serial').transport, path: undefined, usb: '16c0:0483:9' };
    const warnings = ['the driver took 9600 baud'];
    const body = sensorStatusBody(
      'serial',
      { ...sensor('serial'), transport } as SensorConfig,
      status({ warnings }),
    );
    assertBody('sensor-status', body);
    const { address, vendor_id, product_id } = body.identity!;
    assert.deepEqual([address, vendor_id, product_id], ['16c0:0483:9', '16c0', '0483']);
    assert.deepEqual(body.warnings, warnings);
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
