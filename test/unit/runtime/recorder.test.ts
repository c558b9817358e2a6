/** Recording beside a sensor: what it costs the sensor when it fails, which is nothing. */
import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CaptureReader, memoryPair } from '../../../devices/index.js';
import { recorderFor } from '../../../runtime/recorder.js';
import { planSensor } from '../../../runtime/sensors.js';
import { configOf } from '../../support/daemon.js';
import { recordingLog } from '../../support/log.js';
import { temporaryFolder } from '../../support/small-model.js';
import { End, pattern } from '../../support/wire.js';

const folder = temporaryFolder();
const { sensors } = configOf({ sensors: { finger: { transport: { kind: 'tcp', host: 'h', port: 1 } } } });
const limits = { maxMb: 1, files: 2, onStart: true };

/** A sensor on a memory pipe, recorded as configured. */
async function setUp(where: string) {
  const { log, lines } = recordingLog();
  const recorder = recorderFor({ ...limits, folder: where }, log)!;
  const [near, far] = memoryPair();
  const plan = await planSensor('finger', sensors['finger']!, () => near);
  const identity = { driver: 'tef', taxels: 39, tickNs: 500, name: 'pad', bootId: 7 };
  const recorded = await recorder.record(plan, () => identity);
  const [host, device] = [new End(recorded.transport()), new End(far)];
  await Promise.all([host.open(), device.open()]);
  await far.write(pattern(100));
  await host.until(({ length }) => length === 100);
  return { recorder, lines };
}

test('without a folder nothing is recorded', () => {
  assert.equal(recorderFor(limits, recordingLog().log), undefined);
});

test('a file says what is needed to read it alone', async () => {
  const { recorder, lines } = await setUp(folder);
  await recorder.close();
  const [file] = readdirSync(join(folder, 'finger'));
  const reader = await CaptureReader.open(join(folder, 'finger', file!));
  const { run, ...meta } = reader.header.meta;
  assert.match(String(run), /^\d{8}T\d{6}Z$/);
  assert.deepEqual(meta, {
    ...{ sensor: 'finger', sequence: 1, driver: { kind: 'tef' }, geometry: 'neutouch-b', transport: 'tcp' },
    ...{ taxels: 39, tickNs: 500, name: 'pad', bootId: 7 },
  });
  await reader.close();
  assert.deepEqual(lines, [
    { level: 'info', facts: { sensor: 'finger', bytes: 100, lost: 0 }, message: 'recorded' },
  ]);
});

test('a folder that cannot be made is logged, and the sensor goes on', async () => {
  writeFileSync(join(folder, 'file'), '');
  const { recorder, lines } = await setUp(join(folder, 'file'));
  await recorder.close();
  const [line] = lines;
  assert.deepEqual([lines.length, line?.level, line?.message], [1, 'error', 'the recording has ended']);
  assert.match(String(line?.facts['reason']), /file\/finger: /);
});

test('a recording begins and ends while the sensor works; each is a run of its own', async () => {
  const where = join(folder, 'on-command');
  const { log } = recordingLog();
  const recorder = recorderFor({ ...limits, folder: where, onStart: false }, log)!;
  const [near, far] = memoryPair();
  const plan = await planSensor('finger', sensors['finger']!, () => near);
  const attached = recorder.attach(plan, () => undefined);
  assert.deepEqual([recorder.sensors, [...recorder.rings.keys()]], [['finger'], []]);
  const [host, device] = [new End(attached.transport()), new End(far)];
  await Promise.all([host.open(), device.open()]);
  const send = async (bytes: number, total: number): Promise<void> => {
    await far.write(pattern(bytes));
    await host.until(({ length }) => length === total);
  };
  await send(10, 10);
  await Promise.all([recorder.start('finger'), recorder.start('finger')]);
  await send(20, 30);
  assert.equal((await recorder.stop('finger'))!.bytes, 20);
  assert.equal(await recorder.stop('finger'), undefined);
  await send(40, 70);
  await recorder.start('finger');
  await send(80, 150);
  await recorder.close();
  assert.equal(readdirSync(join(where, 'finger')).length, 2);
});

test('nothing begins to be recorded once the recorder is closed, not even what was about to', async () => {
  const where = join(folder, 'closed');
  const { log } = recordingLog();
  const recorder = recorderFor({ ...limits, folder: where, onStart: false }, log)!;
  const [near] = memoryPair();
  recorder.attach(await planSensor('finger', sensors['finger']!, () => near), () => undefined);
  const refused = { name: 'RecordError', message: 'sensor finger is not recorded: the runtime stops' };
  const begun = assert.rejects(recorder.start('finger'), refused);
  await recorder.close();
  await begun;
  await assert.rejects(recorder.start('finger'), refused);
  assert.equal(recorder.rings.size, 0);
});
