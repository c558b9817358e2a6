import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { EmbeddedBroker } from '../../runtime/broker/index.js';
import { configOf, makeDaemon, startDaemon } from '../support/daemon.js';
import { recordingLog } from '../support/log.js';
import { MemorySensor } from '../support/memory-sensor.js';
import { assertMessage } from '../support/message-schemas.js';
import { MqttSpy, type Seen } from '../support/mqtt-spy.js';
import { storeFolder } from '../support/store-models.js';

const endsWith =
  (leaf: string) =>
  ({ topic }: Seen): boolean =>
    topic.endsWith(leaf);

describe('the health of a daemon', { timeout: 30_000 }, () => {
  test('is published, tells of what has happened, and is not retained', async (t) => {
    const config = configOf({
      sensors: { finger: { transport: { kind: 'simulator', seed: 5, speed: 5 } } },
      pipelines: { touch: { sensors: ['finger'], model: 'demo', queueLimit: 64 } },
      health: { intervalS: 1 },
    });
    const { daemon, robot } = await startDaemon(t, config);
    const answered = ({ topic, json }: Seen): boolean =>
      topic.endsWith('/health') &&
      (json['pipelines'] as { latency_us: { count: number } }[])[0]!.latency_us.count > 0;
    const { json, packet } = await robot.next(answered, 'health with answers');
    assertMessage('health', json);
    assert.equal(packet.retain, false);
    assert.equal(json['session'], daemon.session);
    const [finger] = json['sensors'] as { counters: Record<string, number>; clock: { samples: number } }[];
    assert.ok(finger!.counters['events']! > 0);
    assert.ok(finger!.clock.samples > 0);
    const [touch] = json['pipelines'] as { model: { id: string }; infer_us: Record<string, number> }[];
    assert.equal(touch!.model.id, 'demo');
    assert.ok(touch!.infer_us['p50']! > 0 && touch!.infer_us['p50']! <= touch!.infer_us['max']!);
    assert.equal(daemon.isAlive, true);
    assert.equal(daemon.metricsUrl, undefined, 'nothing listens unless it is told to');
    await daemon.stop();
    assert.equal(daemon.isAlive, false);
  });

  test('has alerts: a model that cannot be used is one for those who come late, until the daemon stops', async (t) => {
    const { log } = recordingLog();
    const broker = new EmbeddedBroker({ host: '127.0.0.1', port: 0, allowRemote: false, log });
    await broker.start();
    t.after(() => broker.stop());
    const config = configOf({
      mqtt: { url: broker.url, version: 4 },
      sensors: { finger: { transport: { kind: 'simulator' } } },
      pipelines: { touch: { sensors: ['finger'], model: '/nowhere/none.safetensors' } },
    });
    const { daemon } = makeDaemon(t, config);
    await daemon.start();
    const early = await MqttSpy.connect(t, broker.url!);
    await early.next(endsWith('/alert/model-failed.touch'), 'the alert');
    const late = await MqttSpy.connect(t, broker.url!, `${daemon.topic}/alert/#`);
    const { json, packet } = await late.next(endsWith('/alert/model-failed.touch'), 'the retained alert');
    assert.equal(packet.retain, true);
    assertMessage('alert', json);
    assert.match(json['message'] as string, /none\.safetensors/);
    await daemon.stop();
    await late.next(
      ({ topic, text }) => topic.endsWith('/alert/model-failed.touch') && text === '',
      'its end',
    );
    const after = await MqttSpy.connect(t, broker.url!);
    await after.status('offline');
    assert.deepEqual(
      after.seen.filter(({ topic }) => topic.includes('/alert/')),
      [],
    );
  });

  test('says that the model store is gone: degraded, commands refused by their own code, ready when it is back', async (t) => {
    const store = join(storeFolder(), 'store');
    const config = configOf({
      sensors: { finger: { transport: { kind: 'simulator' } } },
      pipelines: { touch: { sensors: ['finger'], model: 'demo' } },
      models: { store },
    });
    const { daemon, robot } = await startDaemon(t, config);
    await robot.status('ready');
    renameSync(store, `${store}.away`);
    const { json } = await robot.status('degraded');
    assert.match(String(json['reasons']), /the model store .* cannot be used: ENOENT/);
    for (const command of ['models', 'model-activate']) {
      const answer = await robot.ask(
        `${daemon.topic}/cmd/${command}`,
        JSON.stringify(command === 'models' ? {} : { pipeline: 'touch', model: 'demo@1' }),
        endsWith(`/resp/${command}`),
      );
      assert.equal((answer.json['error'] as { code: string } | undefined)?.code, 'store_unusable', command);
    }
    renameSync(`${store}.away`, store);
    await robot.status('ready');
  });

  test('is served to Prometheus when that is enabled', async (t) => {
    const finger = new MemorySensor(3);
    const config = configOf({
      sensors: { finger: { transport: { kind: 'simulator' }, geometry: 'neutouch-b' } },
      metrics: { enabled: true },
    });
    const { daemon } = makeDaemon(
      t,
      { ...config, metrics: { ...config.metrics, port: 0 } },
      { transports: { finger: finger.transport } },
    );
    await daemon.start();
    const response = await fetch(daemon.metricsUrl!);
    const text = await response.text();
    assert.equal(response.status, 200);
    assert.match(text, /^whorl_sensor_attempts_total\{sensor="finger"\} 1$/m);
    assert.match(text, /^whorl_resident_memory_bytes [1-9]/m);
    const { metricsUrl } = daemon;
    await daemon.stop();
    await assert.rejects(fetch(metricsUrl!), 'it is closed with the daemon');
  });
});
