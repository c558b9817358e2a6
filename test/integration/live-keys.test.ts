/** Every key that the schema calls live, changed in a running edge: what that changes is seen from outside. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { memoryPair } from '../../devices/index.js';
import { configHash, liveKeys, loadConfig, type Override } from '../../runtime/config/index.js';
import { EdgeModels } from '../../runtime/edge/models/edge-models.js';
import { SensorSet } from '../../runtime/edge/sensor-set.js';
import { Settings } from '../../runtime/edge/settings.js';
import { sensorClock } from '../../runtime/sensor-clock.js';
import { ModelStore, Slot } from '../../runtime/swap/index.js';
import { FakeClock } from '../support/clock.js';
import { configOf, startDaemon } from '../support/daemon.js';
import { settle } from '../support/fake-publisher.js';
import { recordingLog } from '../support/log.js';
import { assertMessage } from '../support/message-schemas.js';
import type { Seen } from '../support/mqtt-spy.js';
import { freePort } from '../support/ports.js';
import { smallModelFile, smallNetwork, temporaryFolder } from '../support/small-model.js';
import { storeFolder, storeModel } from '../support/store-models.js';
import { FakeTarget } from '../support/swap-target.js';

const folder = temporaryFolder();
const geometry = join(folder, 'three.json');
writeFileSync(geometry, '{"id": "three", "taxels": [{"p": [0, 0]}, {"p": [1, 0]}, {"p": [0, 1]}]}');
const input = { taxels: 3, channels: 2, bins: 4, binUs: 10_000 };
const model = await smallModelFile(folder, smallNetwork(1, input));

/** Two pipelines: one that is quick, with answers at every bin, and one that takes more than a millisecond. */
const sections = {
  sensors: {
    finger: { transport: { kind: 'simulator' }, geometry },
    large: { transport: { kind: 'simulator' } },
  },
  pipelines: {
    touch: {
      ...{ sensors: ['finger'], model, window: { kind: 'sliding', hopMs: 40, emitEmpty: true } },
      ...{ anytime: { everyBins: 1, minConfidence: 1, minMargin: 1, holdBins: 4 }, minConfidence: 0 },
    },
    slow: {
      ...{ sensors: ['large'], model: 'demo', engine: { name: 'reference' }, deadlineMs: 600_000 },
      window: { kind: 'sliding', hopMs: 250, emitEmpty: true },
    },
  },
};

async function setUp(t: TestContext) {
  const levels: string[] = [];
  const overrides: Override[] = Object.entries(sections).map(([key, value]) => ({
    path: [key],
    value,
    source: 'test',
  }));
  const own = { edge: { id: 'e1' }, broker: { port: await freePort() } };
  for (const [key, value] of Object.entries(own)) overrides.push({ path: [key], value, source: 'test' });
  const source = { text: '', overrides };
  const loaded = loadConfig(source);
  assert.ok('config' in loaded);
  const edge = await startDaemon(t, loaded.config, {
    source,
    setLogLevel: (level) => levels.push(level),
  });
  let asked = 0;
  const set = async (values: object): Promise<Record<string, unknown>> => {
    const transaction = `t${asked++}`;
    const { json } = await edge.robot.ask(
      `${edge.daemon.topic}/cmd/options`,
      JSON.stringify({ set: values, transaction }),
      ({ topic, json }) => topic.endsWith('/resp/options') && json['transaction'] === transaction,
    );
    assertMessage('resp', json);
    assert.equal(json['status'], 'ok', JSON.stringify(json));
    return json['data'] as Record<string, unknown>;
  };
  /** The first message that comes from now on and fits. */
  const sees = (
    pipeline: string,
    kind: string,
    fits: (json: Record<string, unknown>) => boolean,
    what: string,
  ) => {
    edge.robot.forget();
    const isIt = ({ topic, json }: Seen) => topic.endsWith(`/pipeline/${pipeline}/${kind}`) && fits(json);
    return edge.robot.next(isIt, what);
  };
  return { ...edge, set, sees, levels };
}

type Edge = Awaited<ReturnType<typeof setUp>>;
type Proof = (edge: Edge, key: string) => Promise<unknown>;

function isFinal(json: Record<string, unknown>): boolean {
  return json['final'] === true;
}

/** An early decision comes when the key is opened, after windows with none while it alone was closed. */
function opens(key: string, closed: number, open: number): Proof {
  return async ({ set, sees }) => {
    const all = { minConfidence: 0, minMargin: 0, holdBins: 1 };
    const values = (last: number) =>
      Object.fromEntries(
        Object.entries({ ...all, [key]: last }).map(([name, value]) => [
          `pipelines.touch.anytime.${name}`,
          value,
        ]),
      );
    await set(values(closed));
    const { json } = await sees(
      'touch',
      'decision',
      ({ reason }) => reason === 'window_end',
      'a late decision',
    );
    const from = json['window'] as number;
    const next = await sees(
      'touch',
      'decision',
      ({ window }) => (window as number) > from,
      'the next decision',
    );
    assert.equal(next.json['reason'], 'window_end', `${key} keeps early decisions away`);
    await set(values(open));
    await sees('touch', 'decision', ({ reason }) => reason === 'threshold', `an early decision, by ${key}`);
    await set(values(closed));
  };
}

const proofs: Readonly<Record<string, Proof>> = {
  'log.level': async ({ set, levels }, key) => {
    await set({ [key]: 'debug' });
    assert.deepEqual(levels, ['debug']);
  },
  'publish.minScore': async ({ set, sees }, key) => {
    await set({ [key]: 1 });
    const one = ({ scores }: Record<string, unknown>) => Object.keys(scores as object).length === 1;
    await sees('touch', 'result', one, 'a result with the best score alone');
    await set({ [key]: 0 });
    await sees('touch', 'result', (json) => !one(json), 'a result with all scores');
  },
  'publish.compact': async ({ set, sees }, key) => {
    await set({ [key]: true });
    await sees('touch', 'result', ({ scores }) => scores === undefined, 'a result without scores');
    await set({ [key]: false });
  },
  'publish.spikes': async ({ set, sees }, key) => {
    await set({ [key]: true });
    await sees('touch', 'result', (json) => isFinal(json) && json['spikes'] !== undefined, 'spikes');
    await set({ [key]: false });
  },
  'publish.energy': async ({ set, sees }, key) => {
    await set({ [key]: true });
    await sees('touch', 'result', (json) => isFinal(json) && json['energy'] !== undefined, 'energy');
    await set({ [key]: false });
  },
  'pipelines.*.validMs': async ({ set, sees }) => {
    await set({ 'pipelines.touch.validMs': 321 });
    await sees(
      'touch',
      'decision',
      (json) => json['valid_ms'] === 321,
      'a decision that is valid for 321 ms',
    );
  },
  'pipelines.*.deadlineMs': async ({ set, sees }) => {
    const isLate = ({ flags }: Record<string, unknown>) => ((flags ?? []) as string[]).includes('late');
    const { json } = await sees('slow', 'result', () => true, 'a result');
    assert.ok(!isLate(json));
    await set({ 'pipelines.slow.deadlineMs': 1 });
    await sees('slow', 'result', isLate, 'a result that is late');
  },
  'pipelines.*.minConfidence': async ({ set, sees, robot }) => {
    await sees('touch', 'result', (json) => isFinal(json) && json['decided'] === true, 'a decided result');
    await set({ 'pipelines.touch.minConfidence': 1 });
    await robot.next(
      ({ topic, text }) => topic.endsWith('/touch/model') && text.includes('"min_confidence":1,'),
      'the model with its new confidence',
    );
    await sees('touch', 'result', (json) => isFinal(json) && json['decided'] === false, 'one that is not');
    await set({ 'pipelines.touch.minConfidence': 0 });
  },
  'pipelines.*.anytime.minConfidence': opens('minConfidence', 1, 0),
  'pipelines.*.anytime.minMargin': opens('minMargin', 1, 0),
  'pipelines.*.anytime.holdBins': opens('holdBins', 4, 1),
};

/** Keys that are proved below, without a daemon. */
const elsewhere = [
  'sensors.*.silentAfterMs',
  'models.loadLimitS',
  'models.maxWindowMs',
  'models.holdS',
  'models.probationS',
];

function general(name: string): string {
  return name.replace(/^(sensors|pipelines)\.[^.]+\./, '$1.*.');
}

test('every live key of the schema has a proof, and every proof a live key', () => {
  const live = new Set(liveKeys(configOf(sections)).map(({ name }) => general(name)));
  assert.deepEqual([...live].sort(), [...Object.keys(proofs), ...elsewhere].sort());
});

test('each live key takes effect in a running edge, and info follows', { timeout: 60_000 }, async (t) => {
  const edge = await setUp(t);
  for (const [key, proof] of Object.entries(proofs))
    await t.test(key, async () => void (await proof(edge, key)));
  const { config_hash } = await edge.set({ 'publish.minScore': 0.5 });
  const info = await edge.robot.next(
    ({ topic, json }) => topic.endsWith('/info') && json['config_hash'] === config_hash,
    'info with the hash of the new configuration',
  );
  assertMessage('info', info.json);
  assert.notEqual(config_hash, configHash(configOf(sections)));
});

test('sensors.*.silentAfterMs reaches sensors that are open', async (t) => {
  const sensors = new SensorSet({
    ...{ log: recordingLog().log, recorder: undefined, clock: sensorClock() },
    ...{ monoUs: () => 0, onStatus: () => {} },
  });
  t.after(() => sensors.close());
  const transport = () => memoryPair({ name: 'test' })[0];
  await sensors.plan(configOf(sections), { finger: transport, large: transport });
  sensors.open([], { publish: () => true });
  const told: number[] = [];
  sensors.inputs.get('finger')!.sensor.reopenAfter = (ms) => told.push(ms);
  const settings = new Settings(configOf(sections));
  settings.subscribe((config) => sensors.apply(config));
  const finger = { ...sections.sensors.finger, silentAfterMs: 77 };
  settings.replace(configOf({ ...sections, sensors: { ...sections.sensors, finger } }));
  assert.deepEqual(told, [77]);
});

test('the limits of models count as they are when a model is changed', async (t) => {
  const store = storeFolder();
  const stored = new ModelStore(store);
  await stored.open();
  const digests = new Map<string, string>();
  for (const version of ['1', '2', '3']) {
    const { manifest } = await stored.add(await storeModel(folder, version));
    digests.set(`small@${version}`, manifest.sha256);
  }
  const clock = new FakeClock();
  const at = (models: object) => configOf({ ...sections, models: { store, ...models } });
  const settings = new Settings(at({ probationS: 0, holdS: 50 }));
  const { log } = recordingLog();
  const models = new EdgeModels({ settings, secrets: {}, clock, log, publisher: { publish: () => true } });
  t.after(() => models.stop());
  await models.store!.open();
  const target = new FakeTarget(digests);
  const limits: number[] = [];
  const prepare = target.prepare.bind(target);
  target.prepare = (source, limitMs?: number) => {
    limits.push(limitMs!);
    return prepare(source);
  };
  const slot = new Slot({
    ...{ pipeline: 'touch', target, nowUs: 0 },
    source: (path) => ({ path, engine: { name: 'event' } }),
  });
  models.swapper!.add(slot);
  const activate = (version: number) => models.swapper!.activate('touch', `small@${version}`);
  await activate(1);
  settings.replace(at({ loadLimitS: 7, probationS: 0, holdS: 44 }));
  await activate(2);
  assert.equal(limits.at(-1), 7000, 'loadLimitS');
  await settle();
  clock.advance(43_999);
  await settle();
  assert.equal(target.loaded.size, 2, 'the model before is held');
  clock.advance(1);
  await settle();
  assert.equal(target.loaded.size, 1, 'for holdS');
  settings.replace(at({ maxWindowMs: 0.5 }));
  await assert.rejects(activate(3), { code: 'too_slow' });
  settings.replace(at({ probationS: 33 }));
  await activate(3);
  assert.equal(slot.trial!.untilUs - clock.monoUs(), 33e6, 'probationS');
});
