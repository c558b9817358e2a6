/** A daemon without touch is heard of, and says what it can feel. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { configOf, startDaemon } from '../support/daemon.js';
import { MemorySensor } from '../support/memory-sensor.js';
import { assertMessage } from '../support/message-schemas.js';
import { smallModelFile, smallNetwork, temporaryFolder } from '../support/small-model.js';

const folder = temporaryFolder();
const geometry = join(folder, 'three.json');
writeFileSync(geometry, '{"id": "three", "taxels": [{"p": [0, 0]}, {"p": [1, 0]}, {"p": [0, 1]}]}');
const model = await smallModelFile(
  folder,
  smallNetwork(1, { taxels: 3, channels: 2, bins: 4, binUs: 10_000 }),
);

const config = configOf({
  sensors: { finger: { transport: { kind: 'simulator' }, geometry } },
  pipelines: { touch: { sensors: ['finger'], model, window: { kind: 'sliding', hopMs: 40 } } },
  health: { heartbeatMs: 20 },
});

describe('heartbeats', { timeout: 30_000 }, () => {
  test('come without touch, say whether a sensor is there, and end with the edge', async (t) => {
    const finger = new MemorySensor(3, { shy: true });
    const { daemon, robot } = await startDaemon(t, config, {
      transports: { finger: finger.transport },
    });
    const beat = (state: string) =>
      robot.next(({ topic, json }) => topic.endsWith('/pipeline/touch/heartbeat') && json['state'] === state);
    const blind = await beat('no_sensor');
    await finger.hello();
    const well = await beat('ok');
    for (const { json, packet } of [blind, well]) {
      assertMessage('heartbeat', json);
      assert.deepEqual([packet.qos, packet.retain], [0, false]);
    }
    assert.deepEqual([well.json['sensors'], well.json['last_result_age_ms']], [{ online: 1, of: 1 }, null]);
    await daemon.stop();
    await robot.status('offline');
    const after = robot.seen.slice(robot.seen.findIndex(({ json }) => json['status'] === 'stopping'));
    assert.ok(!after.some(({ topic }) => topic.endsWith('/heartbeat')));
  });
});
