import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  type EventBatch,
  memoryPair,
  neutouchB,
  SimulatedDevice,
  sliceEvents,
  type TransportFactory,
} from '../../../devices/index.js';
import { loadConfig, type SensorConfig } from '../../../runtime/config/index.js';
import { openPlanned, planSensor, recordingTransport } from '../../../runtime/sensors.js';
import { contactsOf } from '../../support/capture.js';
import { temporaryFolder } from '../../support/small-model.js';

const folder = temporaryFolder();

function configOf(sensor: object): SensorConfig {
  const result = loadConfig({ overrides: [{ path: ['sensors', 'f'], value: sensor, source: 'test' }] });
  assert.ok('config' in result, JSON.stringify(result));
  return result.config.sensors['f']!;
}

const simulator = { kind: 'simulator', seed: 3, count: 2, speed: 0 };

describe('a planned sensor', () => {
  test('has the transport that is configured', async () => {
    for (const [transport, name] of [
      [{ kind: 'serial', path: '/dev/ttyACM7' }, 'serial:/dev/ttyACM7'],
      [{ kind: 'tcp', host: '10.0.0.7', port: 4001 }, 'tcp:10.0.0.7:4001'],
      [{ kind: 'replay', file: '/a.capture', speed: 0 }, 'replay:/a.capture'],
      [simulator, 'memory:simulator'],
    ] as const) {
      const plan = await planSensor('f', configOf({ transport }));
      assert.equal(plan.transport().name, name);
      assert.equal(plan.lossless, transport.kind === 'replay');
    }
  });

  test('or one that takes its place, of which nothing is dropped', async () => {
    const transport: TransportFactory = () => memoryPair({ name: 'mine' })[0];
    const plan = await planSensor('f', configOf({ transport: simulator }), transport);
    assert.deepEqual([plan.transport().name, plan.lossless], ['memory:mine', true]);
  });

  test('must have a geometry that there is, of as many taxels as configured', async () => {
    const bad = (sensor: object) => planSensor('f', configOf({ transport: simulator, ...sensor }));
    await assert.rejects(bad({ geometry: 'neutouch-x' }), {
      name: 'GeometryError',
      message: /^sensors\.f\.geometry: .*is no built-in geometry: neutouch-a, neutouch-b/,
    });
    await assert.rejects(bad({ taxels: 16 }), {
      name: 'GeometryError',
      message: 'sensors.f.taxels: is 16, but geometry neutouch-b has 39 taxels',
    });
    const file = join(folder, 'pad.json');
    writeFileSync(file, '{"id": "pad", "grid": {"rows": 4, "cols": 4, "pitch": [2, 2]}}');
    assert.equal((await bad({ geometry: file, taxels: 16 })).geometry.id, 'pad');
    writeFileSync(file, '{"id": "pad", "grid": {"rows": 0, "cols": 4}}');
    await assert.rejects(bad({ geometry: file }), /sensors\.f\.geometry: .*pad\.json: .*rows/s);
  });
});

/** Everything a sensor hears until it has ended. */
async function hear(config: SensorConfig, transport?: TransportFactory): Promise<EventBatch[]> {
  const batches: EventBatch[] = [];
  const heard = { events: (batch: EventBatch) => batches.push(sliceEvents(batch)) };
  const quiet = { advance: () => {}, epoch: () => {}, status: () => {} };
  const sensor = openPlanned(await planSensor('f', config, transport), { ...heard, ...quiet });
  await sensor.ended;
  return batches;
}

test('a recording played by a device ends when all of it has arrived, as a capture does', async () => {
  const felt = contactsOf(3, 4).map(({ events }) => events);
  const device = new SimulatedDevice({
    ...{ geometry: neutouchB, source: felt, speed: Number.POSITIVE_INFINITY, clockStartsWithStream: true },
  });
  const replay = configOf({ transport: { kind: 'replay', file: 'x' } });
  const heard = await hear(replay, recordingTransport(device, 'recording'));
  const times = (batches: readonly EventBatch[]): number[] => batches.flatMap(({ tUs }) => [...tUs]);
  assert.deepEqual(times(heard), times(felt.map((batch) => sliceEvents(batch))));
});
