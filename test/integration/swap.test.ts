import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { Config } from '../../runtime/config/index.js';
import { ModelStore } from '../../runtime/swap/index.js';
import { run } from '../support/command.js';
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
    assert.equal(results(robot)[0], '0:1');
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

  test('by the command line: a file goes up, serves, is listed, verified, taken back and removed', async (t) => {
    const store = storeFolder();
    const { daemon } = await setUp(t, configWith(store, { probationS: 1 }));
    const at = ['--edge', 'e1', '--broker', daemon.brokerUrl];
    const models = async (code: number, said: RegExp, ...words: string[]): Promise<void> => {
      const result = await run(t, ['models', ...words, ...at]);
      assert.match(result.stdout + result.stderr, said);
      assert.equal(result.code, code, JSON.stringify(result));
    };
    await models(0, /^added small@2 {2}[0-9a-f]{64}$/m, 'add', two);
    await models(0, /^there already: small@2 /m, 'add', two);
    await models(1, /no such version|is not in the store.*not_found/s, 'activate', 'small@7');
    await models(
      0,
      /serves grip from window 0 on, on probation.*small@2 is the active version/s,
      'activate',
      'small@2',
    );
    await models(0, /small@1 .*small@2 .*pipeline grip: small@2, previous small@1, shadow none/s, 'ls');
    await models(0, /small@1 {2}[0-9a-f]{64} .*small@2/s, 'verify');
    await models(0, /small@1 is on trial in grip/, 'shadow', 'small@1');
    await models(0, /no model is on trial/, 'shadow', '--off');
    await models(0, /^small@1 serves grip from window 0 on; previous: small@2$/m, 'rollback');
    await models(1, /in_use/, 'rm', 'small@2');
    await models(1, /trial ends with `whorl models shadow --off`/, 'rm', 'small@2');
    const broken = join(folder, 'a broken one.safetensors');
    writeFileSync(broken, 'no model');
    await models(1, /^whorl: model-upload: a-broken-one: /m, 'add', broken);
    await models(2, /--new-pipeline is for --store/, 'activate', 'small@2', '--new-pipeline', 'x');
    const other = await fileOf('3');
    await models(0, /^added small@3 /m, 'add', other);
    await models(0, /^removed small@3$/m, 'rm', 'small@3');
  });

  test('a file in the watched folder is staged, and only staged', async (t) => {
    const incoming = storeFolder();
    const { robot, ask } = await setUp(t, configWith(storeFolder(), { incoming }));
    copyFileSync(two, join(incoming, 'two.safetensors'));
    writeFileSync(join(incoming, 'bad.safetensors'), 'no model');
    const staged = await robot.next(({ topic }) => topic.endsWith('/event/model-staged'));
    assert.match(String(staged.json['message']), /two.safetensors is in the store as small@2/);
    const refused = await robot.next(({ topic }) => topic.endsWith('/event/model-refused'));
    assert.match(String(refused.json['message']), /bad.safetensors: .*truncated|bad_file/);
    const again = await ask('model-stage', { file: 'two.safetensors' });
    assert.equal((again['data'] as { is_new: boolean }).is_new, false);
    const wrong = await ask('model-stage', { file: '../two.safetensors' });
    assert.equal((wrong['error'] as { code: string }).code, 'bad-name');
    const { pipelines } = (await ask('models', {}))['data'] as {
      pipelines: { active: { version: string } }[];
    };
    assert.equal(pipelines[0]!.active.version, '1');
  });
});
