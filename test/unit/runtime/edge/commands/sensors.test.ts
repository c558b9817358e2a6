import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SensorLevels } from '../../../../../devices/index.js';
import type { CommandTargets } from '../../../../../runtime/edge/commands/index.js';
import type { Input } from '../../../../../runtime/edge/inputs.js';
import { FakeClock } from '../../../../support/clock.js';
import { configOf } from '../../../../support/daemon.js';
import { edgeCommands, refusal } from '../../../../support/edge-commands.js';
import { settle } from '../../../../support/fake-publisher.js';
import { temporaryFolder } from '../../../../support/small-model.js';

const file = join(temporaryFolder(), 'mat.json');

/** Sensors that note what is done to them. */
function setUp(fails = false) {
  const did: string[] = [];
  const clock = new FakeClock();
  const input = {} as { onLevels?: (levels: SensorLevels) => void };
  const inputs = new Map([
    ['mat', input as unknown as Input],
    ['finger', {} as Input],
    ['bare', {} as Input],
  ]);
  const stopped = new Set<string>();
  const sensors = {
    ...{ inputs, stopped },
    stop: async (name: string) => {
      did.push(`stop ${name}`);
      stopped.add(name);
    },
    start: async (name: string) => {
      if (fails) throw new Error('sensors.mat.geometry: is gone');
      did.push(`start ${name}`);
      stopped.delete(name);
    },
  };
  const tcp = { transport: { kind: 'tcp', host: 'h', port: 1 } };
  const matrix = { kind: 'matrix', format: 'flexitac', rows: 1, columns: 2 };
  const config = configOf({
    sensors: {
      mat: { ...tcp, driver: { ...matrix, calibration: file } },
      bare: { ...tcp, driver: { ...matrix, threshold: 3 } },
      finger: { transport: { kind: 'simulator' } },
    },
  });
  const calibrate: CommandTargets['calibrate'] = { config: () => config, clock, sensors };
  /** So many frames arrive, whose second level wavers by two. */
  const frames = (count: number): void => {
    for (let i = 0; i < count; i++)
      input.onLevels?.({
        tUs: i,
        start: 0,
        values: Float64Array.of(9, 100 + 2 * ((i % 3) - 1), 0),
        length: 2,
      });
  };
  const { send } = edgeCommands({ sensors, calibrate });
  return { did, clock, frames, stopped, input, send };
}

test('a sensor is stopped and started once, however often it is said', async () => {
  const { did, send } = setUp();
  for (const round of [1, 2]) {
    assert.deepEqual(await send('sensor-stop', { sensor: 'mat' }), { sensor: 'mat', stopped: true });
    assert.equal(did.length, 1, String(round));
  }
  for (let i = 0; i < 2; i++)
    assert.deepEqual(await send('sensor-start', { sensor: 'mat' }), { sensor: 'mat', stopped: false });
  assert.deepEqual(did, ['stop mat', 'start mat']);
  const { code, remedy } = await refusal(send('sensor-stop', { sensor: 'foot' }));
  assert.deepEqual([code, remedy], ['unknown-sensor', 'there are: mat, finger, bare']);
});

test('a sensor whose files cannot be used any more is refused with the reason', async () => {
  const { send, stopped } = setUp(true);
  stopped.add('mat');
  const { code, message } = await refusal(send('sensor-start', { sensor: 'mat' }));
  assert.deepEqual([code, message], ['sensor-unusable', 'sensors.mat.geometry: is gone']);
});

test('a calibration is measured while the sensor works, written, and put in force', async () => {
  const { send, clock, frames, did, input } = setUp();
  const asked = send('sensor-calibrate', { sensor: 'mat', seconds: 2 });
  await settle();
  frames(60);
  const busy = await refusal(send('sensor-stop', { sensor: 'mat' }));
  assert.equal(busy.code, 'busy');
  clock.advance(2000);
  assert.deepEqual(await asked, {
    ...{ sensor: 'mat', file, frames: 60, taxels: 2, unquiet: 0 },
    effect: 'in force: the sensor was opened anew',
  });
  assert.equal(input.onLevels, undefined);
  assert.deepEqual(did, ['start mat']);
  const { driver, rest } = JSON.parse(readFileSync(file, 'utf8')) as { driver: string; rest: number[] };
  assert.deepEqual([driver, rest], ['matrix', [9, 100]]);
});

test('what cannot be calibrated is refused, with what to do', async () => {
  const { send, clock, stopped, frames } = setUp();
  assert.equal((await refusal(send('sensor-calibrate', { sensor: 'finger' }))).code, 'nothing-to-calibrate');
  assert.equal((await refusal(send('sensor-calibrate', { sensor: 'bare' }))).code, 'no-calibration-file');
  stopped.add('mat');
  assert.equal((await refusal(send('sensor-calibrate', { sensor: 'mat' }))).code, 'sensor-stopped');
  stopped.delete('mat');
  const asked = refusal(send('sensor-calibrate', { sensor: 'mat' }));
  await settle();
  frames(3);
  clock.advance(5000);
  const { code, message } = await asked;
  assert.equal(code, 'too-few-frames');
  assert.match(message, /3 frames came/);
});
