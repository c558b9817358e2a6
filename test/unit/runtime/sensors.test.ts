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
import { skinRecord } from '../../support/wire-formats.js';

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

describe('a planned driver', () => {
  const transport = { kind: 'tcp', host: 'h', port: 1 };
  const mat = { kind: 'matrix', format: 'flexitac', rows: 1, columns: 39, threshold: 5 };
  const planned = (driver: object, more: object = {}) =>
    planSensor('f', configOf({ transport, driver, ...more }));

  test('must give as many taxels as the geometry has', async () => {
    assert.equal((await planned(mat)).config.driver?.kind, 'matrix');
    await assert.rejects(planned({ kind: 'edvs', rows: 4, columns: 4 }), {
      name: 'GeometryError',
      message: /^sensors\.f\.geometry: neutouch-b has 39 taxels, but the driver edvs gives 16; name a/,
    });
  });

  test('must have options that go together, and the calibration that it names', async () => {
    await assert.rejects(
      planned({ ...mat, rows: 4096, columns: 4096 }),
      /^Error: sensors\.f\.driver: rows x col/,
    );
    const calibration = join(folder, 'mat.json');
    const named = { ...mat, calibration };
    await assert.rejects(
      planned(named),
      /^Error: sensors\.f\.driver: .*mat\.json: cannot be read: .*; whorl calibrate --sensor f makes it$/,
    );
    const levels = { rest: Array(39).fill(0), noise: Array(39).fill(1), threshold: Array(39).fill(6) };
    const file = { format: 'whorl-calibration', version: 1, driver: 'matrix', frames: 50, ...levels };
    writeFileSync(calibration, JSON.stringify(file));
    assert.equal((await planned(named)).calibration?.frames, 50);
    writeFileSync(calibration, JSON.stringify({ ...file, driver: 'anyskin' }));
    await assert.rejects(planned(named), /is of a sensor anyskin, not matrix; calibrate this one/);
  });

  test('reads what its sensor sends, with the tick that is configured', async () => {
    const [file, bytes] = ['skin.json', 'skin.bin'].map((name) => join(folder, name));
    writeFileSync(file!, '{"id": "skin", "grid": {"rows": 1, "cols": 16, "pitch": [2, 2]}}');
    writeFileSync(bytes!, skinRecord(12_500, 3, 5, 1));
    const config = configOf({
      ...{ transport: { kind: 'replay', file: bytes, raw: true }, geometry: file, tickNs: 160 },
      driver: { kind: 'icub-ae', devices: [3] },
    });
    assert.deepEqual(
      (await hear(config)).map(({ tUs, taxel }) => [[...tUs], [...taxel]]),
      [[[2000], [5]]],
    );
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
