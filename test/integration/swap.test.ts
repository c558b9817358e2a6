import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { Config } from '../../runtime/config/index.js';
import { ModelStore } from '../../runtime/swap/index.js';
import { configOf, startDaemon } from '../support/daemon.js';
import { MemorySensor } from '../support/memory-sensor.js';
import { assertMessage } from '../support/message-schemas.js';
import type { MqttSpy } from '../support/mqtt-spy.js';
import { smallModelFile, smallNetwork } from '../support/small-model.js';
import { storeFolder } from '../support/store-models.js';

const folder = storeFolder();
const geometry = join(folder, 'three.json');
writeFileSync(geometry, '{"id": "three", "taxels": [{"p": [0, 0]}, {"p": [1, 0]}, {"p": [0, 1]}]}');
const input = { taxels: 3, channels: 2, bins: 4, binUs: 10_000 };
const fileOf = (version: string) =>
  smallModelFile(folder, smallNetwork(1, input), (content) => ({ ...content, version }));
const [one, two] = [await fileOf('1'), await fileOf('2')];

function configWith(store: string, models: object = {}): Config {
  return configOf({
    sensors: { finger: { transport: { kind: 'simulator' }, geometry } },
    pipelines: { grip: { sensors: ['finger'], model: one, window: { kind: 'sliding', hopMs: 40 } } },
    models: { store, probationS: 0, holdS: 0, ...models },
  });
}

/** A running edge, a sensor that the test plays, and commands. */
async function setUp(t: TestContext, config: Config) {
  const finger = new MemorySensor(3);
  const edge = await startDaemon(t, config, { transports: { finger: finger.transport } });
  await finger.started;
  let tUs = 1_000_000;
  let asked = 0;
  /** Touches so many windows of 40 ms. */
  const touch = async (windows: number): Promise<void> => {
    for (let i = 0; i < windows; i++) {
      await finger.events([[tUs + 5000, 1, 1]]);
      tUs += 40_000;
      await finger.clock(tUs);
    }
  };
  const ask = async (name: string, body: object): Promise<Record<string, unknown>> => {
    const transaction = `t${asked++}`;
    const { json } = await edge.robot.ask(
      `${edge.daemon.topic}/cmd/${name}`,
      JSON.stringify({ ...body, transaction }),
      ({ topic, json }) => topic.endsWith(`/resp/${name}`) && json['transaction'] === transaction,
    );
    assertMessage('resp', json);
    return json;
  };
  return { ...edge, touch, ask };
}

function results(robot: MqttSpy): string[] {
  return robot.seen
    .filter(({ topic, json }) => topic.endsWith('/result') && json['final'] === true)
    .map(({ json }) => `${json['window']}:${(json['model'] as { version: string }).version}`);
}

async function answeredUpTo(robot: MqttSpy, window: number): Promise<void> {
  await robot.next(
    ({ topic, json }) => topic.endsWith('/result') && json['final'] === true && json['window'] === window,
    `the answer to window ${window}`,
  );
}

describe('changing models while touch goes on', { timeout: 60_000 }, () => {
  test('a version of the store takes over between two windows, and serves after a restart', async (t) => {
    const store = storeFolder();
    const { daemon, robot, touch, ask } = await setUp(t, configWith(store));
    await touch(3);
    await answeredUpTo(robot, 2);
    await new ModelStore(store).add(two);
    const answer = await ask('model-activate', { pipeline: 'grip', model: 'small@2' });
    assert.equal(answer['status'], 'ok', JSON.stringify(answer));
    const { window, state } = answer['data'] as { window: number; state: string };
    assert.deepEqual([window, state], [3, 'committed']);
    await touch(4);
    await answeredUpTo(robot, 6);
    assert.deepEqual(results(robot), ['0:1', '1:1', '2:1', '3:2', '4:2', '5:2', '6:2']);
    const sequence = robot.seen
      .filter(({ topic }) => topic.endsWith('/result'))
      .map(({ json }) => json['seq']);
    assert.deepEqual(
      sequence,
      sequence.map((_, i) => i),
    );
    const event = await robot.next(({ topic }) => topic.endsWith('/event/model-committed'));
    assertMessage('event', event.json);
    assert.match(String(event.json['message']), /small@2 is the active version/);
    const model = robot.seen.findLast(({ topic }) => topic.endsWith('/model'))!;
    assertMessage('model', model.json);
    const versions = ['active', 'previous'].map((role) => (model.json[role] as { version: string }).version);
    assert.deepEqual(versions, ['2', '1']);
    await daemon.stop();

    const again = await setUp(t, configWith(store));
    await again.touch(2);
    await answeredUpTo(again.robot, 0);
    assert.deepEqual(results(again.robot)[0], '0:2');
    const back = await again.ask('model-rollback', { pipeline: 'grip' });
    assert.equal((back['data'] as { active: { version: string } }).active.version, '1');
    const listed = (await again.ask('models', {}))['data'] as { versions: object[]; pipelines: object[] };
    assert.equal(listed.versions.length, 2);
    assert.equal((listed.pipelines[0] as { state: string }).state, 'committed');
  });

  test('a crash on probation starts with the version that was committed', async (t) => {
    const store = storeFolder();
    const first = await setUp(t, configWith(store, { probationS: 60 }));
    await new ModelStore(store).add(two);
    const answer = await first.ask('model-activate', { pipeline: 'grip', model: 'small@2' });
    assert.equal((answer['data'] as { state: string }).state, 'probation');
    await first.daemon.stop();
    const { robot, touch } = await setUp(t, configWith(store));
    await touch(2);
    await answeredUpTo(robot, 0);
    assert.deepEqual(results(robot), ['0:1']);
  });

  test('a shadow answers on a topic of its own', async (t) => {
    const store = storeFolder();
    const { robot, touch, ask } = await setUp(t, configWith(store));
    await new ModelStore(store).add(two);
    await ask('model-shadow', { pipeline: 'grip', model: 'small@2' });
    await touch(3);
    const shadow = await robot.next(({ topic }) => topic.endsWith('/shadow'));
    assertMessage('shadow', shadow.json);
    assert.equal((shadow.json['model'] as { version: string }).version, '2');
    await answeredUpTo(robot, 2);
    assert.deepEqual(results(robot), ['0:1', '1:1', '2:1']);
  });

  test('without a store, and without such a version: refused with a remedy', async (t) => {
    const config = configWith('unused');
    const { ask } = await setUp(t, { ...config, models: { ...config.models, store: undefined } } as Config);
    const none = await ask('model-activate', { pipeline: 'grip', model: 'small@2' });
    assert.deepEqual((none['error'] as { code: string }).code, 'no-store');
    const { ask: askOther } = await setUp(t, configWith(storeFolder()));
    const absent = await askOther('model-activate', { pipeline: 'grip', model: 'small@2' });
    const { code, remedy } = absent['error'] as { code: string; remedy: string };
    assert.equal(code, 'not_found');
    assert.match(remedy, /whorl models ls/);
  });
});
