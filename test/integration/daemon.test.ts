/** The whole daemon in this process, worker thread and embedded broker included, with a robot that listens over MQTT. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  acceptedTransport,
  builtInGeometry,
  SimulatedDevice,
  simulateSequence,
  type Transport,
} from '../../devices/index.js';
import { EmbeddedBroker } from '../../runtime/broker/index.js';
import type { Kind } from '../../runtime/publish/index.js';
import { contactsOf, writeCapture } from '../support/capture.js';
import { FakeClock } from '../support/clock.js';
import { configOf, makeDaemon, startDaemon } from '../support/daemon.js';
import { recordingLog } from '../support/log.js';
import { MemorySensor } from '../support/memory-sensor.js';
import { assertMessage } from '../support/message-schemas.js';
import { MqttSpy, type Seen } from '../support/mqtt-spy.js';
import { smallModelFile, smallNetwork, temporaryFolder } from '../support/small-model.js';

const folder = temporaryFolder();
/** Three taxels; the small model looks at 40 ms of them. */
const geometry = join(folder, 'three.json');
writeFileSync(geometry, '{"id": "three", "taxels": [{"p": [0, 0]}, {"p": [1, 0]}, {"p": [0, 1]}]}');
const input = { taxels: 3, channels: 2, bins: 4, binUs: 10_000 };
const model = await smallModelFile(folder, smallNetwork(1, input));
/** For the 39 taxels of a finger, as quickly loaded. */
const finger39 = { taxels: 39, channels: 2, bins: 50, binUs: 20_000 };
const large = await smallModelFile(folder, smallNetwork(1, finger39));
const sliding = { kind: 'sliding', hopMs: 40 };
const simulator = { transport: { kind: 'simulator' } };
const three = { ...simulator, geometry };

function kindOf(topic: string): Kind {
  const leaf = topic.split('/').at(-1)!;
  return topic.includes('/sensor/') ? 'sensor-status' : (leaf as Kind);
}

function endsWith(leaf: string): (message: Seen) => boolean {
  return ({ topic }) => topic.endsWith(leaf);
}

describe('a daemon', { timeout: 30_000 }, () => {
  test('starts, says what it is, classifies touch, and says goodbye', async (t) => {
    const config = configOf({
      sensors: { finger: { transport: { kind: 'simulator', seed: 5, count: 3, speed: 5 } } },
      pipelines: { touch: { sensors: ['finger'], model: 'demo', queueLimit: 64 } },
    });
    const { daemon, robot } = await startDaemon(t, config);
    await robot.status('ready');
    const last = await robot.next(
      ({ topic, json }) => topic.endsWith('/result') && json['window'] === 2 && json['final'] === true,
      'the third window',
    );
    const stopping = performance.now();
    await daemon.stop();
    assert.ok(performance.now() - stopping < 5000);
    await robot.status('offline');

    for (const { topic, json } of robot.seen.filter(({ text }) => text !== '')) {
      assertMessage(kindOf(topic), json);
      assert.equal(json['session'], daemon.session);
      assert.equal(json['edge'], 'e1');
    }
    const found = new Set(robot.seen.map(({ topic }) => topic.replace('tactile/v1/e1/', '')));
    for (const topic of ['status', 'info', 'sensor/finger/status'])
      assert.ok(found.has(topic), `${topic} is missing`);
    for (const leaf of ['model', 'result', 'decision', 'state'])
      assert.ok(found.has(`pipeline/touch/${leaf}`), `${leaf} is missing`);
    assert.deepEqual(last.json['sensors'], ['finger']);
    const { event_last_us, decision_us } = last.json['t'] as Record<string, number>;
    assert.ok(Math.abs(decision_us! - event_last_us!) < 60e6, 'event times are on the wall clock');
    const statuses = robot.seen.filter(endsWith('e1/status')).map(({ json }) => json['status']);
    assert.deepEqual(statuses.slice(-3), ['ready', 'stopping', 'offline']);
  });

  test('is ready when every sensor is online, and starting until then', async (t) => {
    const { log } = recordingLog();
    const broker = new EmbeddedBroker({ host: '127.0.0.1', port: 0, allowRemote: false, log });
    await broker.start();
    t.after(() => broker.stop());
    const robot = await MqttSpy.connect(t, broker.url!);
    const finger = new MemorySensor(3, { shy: true });
    const { daemon } = makeDaemon(
      t,
      configOf({ mqtt: { url: broker.url, version: 4 }, sensors: { finger: three } }),
      { transports: { finger: finger.transport } },
    );
    await daemon.start();
    await robot.next(({ text }) => text.includes('asking who is there'), 'the question');
    await robot.status('starting');
    await finger.hello();
    await robot.status('ready');
    const states = robot.seen.filter(endsWith('/status')).map(({ json }) => json['status']);
    assert.equal(states.indexOf('online'), states.indexOf('ready') - 1);
    await daemon.stop();
  });

  test('runs on as degraded when something is wrong, tells every reason, and serves what can be served', async (t) => {
    const broken = join(folder, 'broken.safetensors');
    writeFileSync(broken, 'no model');
    const config = configOf({
      sensors: {
        finger: { ...three, transport: { kind: 'simulator' } },
        gone: { transport: { kind: 'serial', path: '/dev/no-such-port' } },
        spare: { ...simulator, enabled: false },
        large: simulator,
      },
      pipelines: {
        good: { sensors: ['finger'], model, window: sliding },
        broken: { sensors: ['finger'], model: broken },
        unknown: { sensors: ['finger'], model: 'demmo' },
        taxels: { sensors: ['finger'], model: 'demo' },
        off: { sensors: ['finger'], model: 'demmo', enabled: false },
        mixed: { sensors: ['finger', 'large'], model: 'demo' },
        idle: { sensors: ['spare'], model: 'demo' },
      },
    });
    const finger = new MemorySensor(3);
    const { daemon, robot, lines, answered } = await startDaemon(t, config, {
      transports: { finger: finger.transport },
    });
    const isComplete = ({ json }: Seen): boolean => (json['reasons'] as unknown[] | undefined)?.length === 5;
    const { json } = await robot.next(isComplete, 'all five reasons');
    assert.equal(json['status'], 'degraded');
    const reasons = [...(json['reasons'] as string[])].sort();
    assert.match(reasons[0]!, /^pipeline broken: .*broken\.safetensors: /);
    assert.match(reasons[1]!, /^pipeline mixed: .*different numbers of taxels \(finger 3, large 39\)/);
    assert.match(reasons[2]!, /^pipeline taxels: .*39 taxels, the sensors have 3/);
    assert.match(reasons[3]!, /^pipeline unknown: .*demmo: no such file; bundled models: demo/);
    assert.match(reasons[4]!, /^sensor gone is absent: \/dev\/no-such-port is not there/);
    await robot.next(
      ({ topic, json: { status } }) => topic.endsWith('sensor/finger/status') && status === 'online',
    );
    for (const name of ['broken', 'mixed', 'taxels', 'unknown']) {
      const message = await robot.next(endsWith(`${name}/model`));
      assertMessage('model', message.json);
      assert.equal(message.json['active'], null);
    }
    assert.equal(lines.filter(({ level }) => level === 'error').length, 4);

    await finger.started;
    await finger.events([[1000, 0, 1]]);
    await finger.clock(50_000);
    await answered(1);
    const { sensor } = daemon.inputs.get('gone')!;
    while (sensor.counters.attempts < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(sensor.status.state, 'absent');
    await daemon.stop();
    await robot.status('offline');
  });

  test('two sensors make one hand, though their clocks began at different times', async (t) => {
    const hand = { ...input, channels: 4 };
    const config = configOf({
      ...{ publish: { energy: true }, energy: { macPj: 10 } },
      sensors: { left: three, right: three },
      pipelines: {
        hand: {
          sensors: ['left', 'right'],
          model: await smallModelFile(folder, smallNetwork(2, hand)),
          window: sliding,
          queueLimit: 64,
        },
      },
    });
    const clock = new FakeClock();
    const [left, right] = [new MemorySensor(3, { clock }), new MemorySensor(3, { clock })];
    const { daemon, robot, results, answered } = await startDaemon(t, config, {
      transports: { left: left.transport, right: right.transport },
    });
    await robot.status('ready');
    await Promise.all([left.started, right.started]);
    const ahead = 7_000_000;
    const fingers = [...daemon.inputs.values()];
    for (let i = 0; i < 80; i++) {
      await left.events([[5000 * i, 0, 1]]);
      await right.events([[ahead + 5000 * i, 2, 0]]);
      while (fingers.some(({ sensor }) => sensor.counters.events <= i)) await nextTurn();
      clock.advance(5);
    }
    await left.clock(600_000);
    await right.clock(ahead + 600_000);
    await answered(10);
    await daemon.drained();
    const events = results.map(({ result }) => result.window.events);
    const all = events.reduce((a, b) => a + b);
    assert.equal(all, 160, 'no event is lost between the fingers');
    assert.ok(
      events.slice(1, -1).every((count) => count === 16),
      `both fingers are in each window: ${events}`,
    );
    assert.deepEqual(results[0]!.body.sensors, ['left', 'right']);
    assert.equal(results[0]!.body.t.sensor_first_us, undefined);
    const { result, body } = results.findLast(({ body: { final } }) => final)!;
    assert.equal(body.energy!.total_uj_est, Number((result.spikes!.energy.totalPj / 1e6).toPrecision(4)));
  });

  test('a window at a command: opened, answered, and refused while it is open', async (t) => {
    const config = configOf({
      sensors: { finger: three },
      pipelines: { ask: { sensors: ['finger'], model, window: { kind: 'trigger' } } },
    });
    const finger = new MemorySensor(3);
    const { daemon, robot } = await startDaemon(t, config, { transports: { finger: finger.transport } });
    await finger.started;
    const ask = async (transaction: string, pipeline: unknown): Promise<Record<string, unknown>> => {
      const answer = await robot.ask(
        `${daemon.topic}/cmd/trigger`,
        JSON.stringify({ pipeline, transaction }),
        ({ topic, json }) => topic.endsWith('/resp/trigger') && json['transaction'] === transaction,
      );
      assertMessage('resp', answer.json);
      return answer.json;
    };
    const codeOf = ({ error }: Record<string, unknown>): unknown => (error as { code: string }).code;
    assert.equal(codeOf(await ask('too early', 'ask')), 'trigger-unknown');
    await finger.clock(1_000_000);
    await nextTurn();
    assert.deepEqual((await ask('first', 'ask'))['data'], { pipeline: 'ask', window: 'opened' });
    assert.equal(codeOf(await ask('second', 'ask')), 'trigger-busy');
    assert.equal(codeOf(await ask('wrong', 'askk')), 'unknown-pipeline');
    await finger.events([[1_010_000, 1, 1]]);
    await finger.clock(1_100_000);
    const result = await robot.next(endsWith('/result'), 'the answer');
    assert.equal(result.json['window'], 0);
  });

  test('garbage on the wire is counted, and results keep coming', async (t) => {
    const source = function* () {
      for (const { events } of simulateSequence({
        geometry: builtInGeometry('neutouch-b')!,
        seed: 4,
        count: 4,
      }))
        yield events;
    };
    const device = new SimulatedDevice({
      geometry: builtInGeometry('neutouch-b')!,
      source: source(),
      speed: 30,
    });
    const garbage = Uint8Array.of(3, 1, 4, 1, 5, 0);
    const server = createServer((socket) => {
      const link: Transport = acceptedTransport(socket);
      const write = link.write.bind(link);
      link.write = (bytes) => write(Buffer.concat([garbage, bytes]));
      device.serve(link).catch(() => {});
    });
    t.after(() => server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const config = configOf({
      sensors: { bridge: { transport: { kind: 'tcp', host: '127.0.0.1', port } } },
      pipelines: { touch: { sensors: ['bridge'], model: large, queueLimit: 64 } },
    });
    const { daemon, results, answered } = makeDaemon(t, config);
    await daemon.start();
    await answered(4);
    const { counters } = daemon.inputs.get('bridge')!.sensor;
    const discarded = Object.values(counters.discarded).reduce((a, b) => a + b);
    assert.ok(discarded > 600 && discarded % garbage.length === 0, `${discarded} bytes`);
    assert.equal(counters.framesLost, 0);
    assert.ok(results.every(({ body }) => !body.flags?.includes('incomplete')));
    await daemon.stop();
  });

  test('a recording is answered to its last touch, each window with its moments', async (t) => {
    const file = join(folder, 'three.capture');
    await writeCapture(file, contactsOf(8, 9), { abrupt: true });
    const config = configOf({
      sensors: { recorded: { transport: { kind: 'replay', file, speed: 0 } } },
      pipelines: { touch: { sensors: ['recorded'], model: large, queueLimit: 1 } },
    });
    const { daemon, results, answered, lines } = makeDaemon(t, config);
    await daemon.start();
    await answered(9);
    await daemon.drained();
    assert.deepEqual(
      results.map(({ body }) => body.window),
      [0, 1, 2, 3, 4, 5, 6, 7, 8],
    );
    for (const { body } of results)
      assert.ok(body.t.event_last_us > body.t.event_first_us, 'no moment is known');
    const distances = results.map(({ body: { t: at } }) => at.event_first_us - at.sensor_first_us!);
    assert.ok(Math.max(...distances) - Math.min(...distances) < 600_000);
    assert.deepEqual(
      lines.filter(({ level }) => level === 'warn'),
      [],
    );
  });
});
