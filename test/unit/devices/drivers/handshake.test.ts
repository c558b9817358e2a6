/** Drivers that ask before they listen, against a board that answers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  agniDriver,
  type Driver,
  edvsDriver,
  memoryPair,
  openSensor,
  type Sensor,
  type SensorStatus,
} from '../../../../devices/index.js';
import { agniConfig, edvsRecords, gloveDatagram, text } from '../../../support/wire-formats.js';

/** Opens a sensor whose board answers as `reply` says; resolves at the first events that satisfy. */
async function converse(
  driver: Driver,
  reply: (said: string) => Uint8Array | undefined,
): Promise<{ said: string[]; statuses: SensorStatus[]; events: number }> {
  const said: string[] = [];
  const statuses: SensorStatus[] = [];
  let sensor: Sensor | undefined;
  const transport = () => {
    const [near, far] = memoryPair({ name: 'board' });
    const data = (chunk: Uint8Array): void => {
      said.push(Buffer.from(chunk).toString('latin1'));
      const answer = reply(said.at(-1)!);
      if (answer !== undefined) void far.write(answer);
    };
    void far.open({ data, closed: () => {} });
    return near;
  };
  const events = await new Promise<number>((resolve) => {
    sensor = openSensor(
      { transport, driver },
      {
        events: ({ length }) => resolve(length),
        status: (status) => statuses.push(status),
        ...{ advance: () => {}, epoch: () => {} },
      },
    );
  });
  await sensor!.close();
  return { said, statuses, events };
}

test('eDVS: reset, banner, format, events', async () => {
  const pixels = Array.from({ length: 600 }, (_, i) => ({ x: i % 128, y: i % 90, bit: i & 1, tUs: i * 25 }));
  const { said, statuses, events } = await converse(edvsDriver({ mode: 'E3' }), (command) => {
    if (command === '\nR\n') return text('\r\neDVS4337, ready\r\n');
    return command.endsWith('E+\n') ? edvsRecords(24, pixels) : undefined;
  });
  assert.deepEqual(said.slice(0, 2), ['\nR\n', '!U0\n!E3\nE+\n']);
  assert.ok(events > 0);
  const online = statuses.find(({ state }) => state === 'online');
  assert.equal(online?.reason, 'connected to eDVS4337, ready');
});

test('AGNI: configuration, start, frames', async () => {
  const frames = [gloveDatagram(1, [4095, 4095]), gloveDatagram(2, [4095, 3000])];
  const { said, statuses } = await converse(agniDriver({ taxels: 2, threshold: 50 }), (command) => {
    if (command === '\xf0\xc4\x00\xc0\xf4') return agniConfig([[1, 6]]);
    return command === '\xf0\xc4\x00\xf1\xc5' ? Uint8Array.from(Buffer.concat(frames)) : undefined;
  });
  assert.deepEqual(said.slice(0, 2), ['\xf0\xc4\x00\xc0\xf4', '\xf0\xc4\x00\xf1\xc5']);
  assert.equal(statuses.find(({ state }) => state === 'online')?.identity?.driver, 'agni-sp');
});
