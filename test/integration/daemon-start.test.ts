/** Starting and stopping the daemon: ports, brokers and moments that are not as hoped. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { EmbeddedBroker } from '../../runtime/broker/index.js';
import { configOf, makeDaemon } from '../support/daemon.js';
import { recordingLog } from '../support/log.js';
import { MemorySensor } from '../support/memory-sensor.js';
import { MqttSpy, type Seen } from '../support/mqtt-spy.js';
import { freePort } from '../support/ports.js';
import { smallModelFile, smallNetwork, temporaryFolder } from '../support/small-model.js';
import { storeFolder } from '../support/store-models.js';

const folder = temporaryFolder();
const geometry = join(folder, 'three.json');
writeFileSync(geometry, '{"id": "three", "taxels": [{"p": [0, 0]}, {"p": [1, 0]}, {"p": [0, 1]}]}');
const model = await smallModelFile(
  folder,
  smallNetwork(1, { taxels: 3, channels: 2, bins: 4, binUs: 10_000 }),
);
const sliding = { kind: 'sliding', hopMs: 40 };
const simulator = { transport: { kind: 'simulator' } };
const three = { ...simulator, geometry };

function endsWith(leaf: string): (message: Seen) => boolean {
  return ({ topic }) => topic.endsWith(leaf);
}

describe('starting and stopping', () => {
  const config = configOf({
    sensors: { finger: simulator },
    pipelines: { touch: { sensors: ['finger'], model: 'demo' } },
  });

  test('a port that is taken is an error that says what to do, or another port is taken', async (t) => {
    const server = createServer();
    t.after(() => server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const taken = { ...config, broker: { ...config.broker, port } };
    const { daemon } = makeDaemon(t, taken);
    await assert.rejects(
      daemon.start(),
      new RegExp(`127\\.0\\.0\\.1:${port}: something listens there already.*choose another broker\\.port`),
    );
    await daemon.stop();
    const { daemon: other } = makeDaemon(t, taken, { anyPort: true });
    await other.start();
    assert.notEqual(other.brokerUrl, `mqtt://127.0.0.1:${port}`);
    assert.match(other.brokerUrl, /^mqtt:\/\/127\.0\.0\.1:\d+$/);
    await other.stop();
  });

  test('a geometry that there is not ends the start', async (t) => {
    const { daemon } = makeDaemon(
      t,
      configOf({ sensors: { finger: { ...simulator, geometry: '/no.json' } } }),
    );
    await assert.rejects(daemon.start(), /sensors\.finger\.geometry: \/no\.json: cannot be read/);
    await daemon.stop();
  });

  test('it may be stopped at any moment of the start, and leaves nothing behind', async (t) => {
    const port = await freePort();
    for (let turns = 0; turns < 60; turns = Math.ceil(1.7 * turns + 1)) {
      const models = { ...config.models, ...(turns % 2 === 0 ? {} : { store: storeFolder() }) };
      const { daemon, lines } = makeDaemon(t, { ...config, models, broker: { ...config.broker, port } });
      const starting = daemon.start();
      for (let i = 0; i < turns; i++) await nextTurn();
      const begun = performance.now();
      await daemon.stop();
      await starting;
      assert.ok(performance.now() - begun < 2000, `took ${performance.now() - begun} ms`);
      assert.deepEqual(daemon.faults, []);
      assert.deepEqual(
        lines.filter(({ level }) => level === 'error'),
        [],
      );
      const server = createServer();
      await once(server.listen(port, '127.0.0.1'), 'listening'); // the port is free
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test('a store that has become something else keeps no daemon from its end', async (t) => {
    const store = join(storeFolder(), 'store');
    const { daemon } = makeDaemon(t, { ...config, models: { ...config.models, store } }, { anyPort: true });
    await daemon.start();
    const robot = await MqttSpy.connect(t, daemon.brokerUrl);
    renameSync(store, `${store}.away`);
    writeFileSync(store, 'no folder');
    await robot.status('degraded');
    await daemon.stop();
    assert.equal(daemon.pipelines.get('touch')?.state, 'stopped');
  });

  test('without a broker it runs, and tells everything when there is one', async (t) => {
    const port = await freePort();
    const finger = new MemorySensor(3);
    const { daemon, answered } = makeDaemon(
      t,
      configOf({
        mqtt: { url: `mqtt://127.0.0.1:${port}`, version: 4, reconnect: { minMs: 20, maxMs: 40 } },
        sensors: { finger: three },
        pipelines: { touch: { sensors: ['finger'], model, window: sliding } },
      }),
      { transports: { finger: finger.transport } },
    );
    await daemon.start();
    await finger.started;
    await finger.events([[1000, 0, 1]]);
    await finger.clock(50_000);
    await answered(1);
    const { log } = recordingLog();
    const broker = new EmbeddedBroker({ host: '127.0.0.1', port, allowRemote: false, log });
    await broker.start();
    t.after(() => broker.stop());
    const robot = await MqttSpy.connect(t, broker.url!);
    await robot.status('ready');
    for (const leaf of ['/info', '/touch/model', '/finger/status']) await robot.next(endsWith(leaf), leaf);
    assert.ok(!robot.seen.some(endsWith('/result')), 'an old result moves a robot');
    await finger.events([[61_000, 0, 1]]);
    await finger.clock(90_000);
    await robot.next(endsWith('/result'), 'a new result');
    await daemon.stop();
  });
});
