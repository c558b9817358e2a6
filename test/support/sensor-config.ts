import assert from 'node:assert/strict';
import { type Config, loadConfig } from '../../runtime/config/index.js';

/** A transport of every kind; each is the name of the sensor that has it. */
export const transports = {
  serial: { kind: 'serial', path: '/dev/ttyACM0' },
  tcp: { kind: 'tcp', host: '10.0.0.7', port: 4001 },
  replay: { kind: 'replay', file: '/data/a.capture' },
  simulator: { kind: 'simulator', seed: 9 },
};

/** A configuration with a sensor for every kind of transport. */
export function configOfSensors(): Config {
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
}
