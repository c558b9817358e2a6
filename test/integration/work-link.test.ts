/** What MQTT.js and Mosquitto do with a shared subscription, and what the embedded broker cannot. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startBroker } from '../../runtime/broker/start.js';
import { systemClock } from '../../runtime/clock.js';
import { WorkLink, type WorkLinkOptions } from '../../runtime/publish/index.js';
import { recordingLog } from '../support/log.js';
import { Mosquitto } from '../support/mosquitto.js';
import { MqttSpy } from '../support/mqtt-spy.js';
import { needs } from '../support/programs.js';

/** A link that has been started; `up` resolves when it is, `down` when it is not. */
function startLink(
  t: TestContext,
  url: string,
  options: Partial<WorkLinkOptions> & Pick<WorkLinkOptions, 'identity'>,
) {
  let onUp = (): void => {};
  let onDown = (): void => {};
  const up = new Promise<void>((resolve) => (onUp = resolve));
  const down = new Promise<void>((resolve) => (onDown = resolve));
  const link = new WorkLink({
    ...{ clock: systemClock, log: recordingLog().log, random: () => 0 },
    target: { url, keepaliveS: 10, rejectUnauthorized: true },
    reconnect: { minMs: 50, maxMs: 50 },
    subscriptions: [],
    ...{ onUp, onDown, onMessage: () => {} },
    ...options,
  });
  link.start();
  t.after(() => link.stop(100));
  return { link, up, down };
}

test('messages of a shared subscription go to one worker each; a worker has no more than it may before it has answered', {
  skip: needs('mosquitto'),
  timeout: 30_000,
}, async (t) => {
  const broker = await Mosquitto.start(t);
  const spy = await MqttSpy.connect(t, broker.url, 'out', { protocolVersion: 5 });
  const release: (() => void)[] = [];
  const taken: string[] = [];
  const workers = ['one', 'two'].map((clientId) => {
    const worker = startLink(t, broker.url, {
      identity: { clientId, receiveMaximum: 1 },
      subscriptions: [{ filter: '$share/crew/in' }],
      onMessage: async ({ payload }) => {
        taken.push(`${clientId} ${payload}`);
        await new Promise<void>((resolve) => release.push(resolve));
        worker.link.publish({ topic: 'out', payload, qos: 1, retain: false, contentType: 'text/plain' });
      },
    });
    return worker;
  });
  await Promise.all(workers.map(({ up }) => up));
  for (let i = 0; i < 6; i++) await spy.client.publishAsync('in', String(i), { qos: 1 });
  while (release.length < 2) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(taken.length, 2, 'one each, and no more before it is acknowledged');
  for (let answered = 0; answered < 6; answered++) {
    while (release.length === 0) await new Promise((resolve) => setImmediate(resolve));
    release.shift()!();
  }
  for (let i = 0; i < 6; i++) await spy.next(({ text }) => text === String(i), `answer ${i}`);
  assert.deepEqual(taken.map((line) => line.split(' ')[1]).sort(), ['0', '1', '2', '3', '4', '5']);
  assert.equal(new Set(taken.map((line) => line.split(' ')[0])).size, 2);
  assert.equal(spy.seen.length, 6);
});

test('an empty retained will takes back what was retained, and retained words are heard at subscription', {
  skip: needs('mosquitto'),
  timeout: 30_000,
}, async (t) => {
  const broker = await Mosquitto.start(t);
  const worker = await MqttSpy.connect(t, broker.url, 'nothing', {
    ...{ protocolVersion: 5 },
    will: { topic: 'w/1', payload: Buffer.alloc(0), qos: 1, retain: true },
  });
  await worker.client.publishAsync('w/1', 'here', { qos: 1, retain: true });
  const heard: string[] = [];
  let hear = (): void => {};
  const listen = (clientId: string) =>
    startLink(t, broker.url, {
      identity: { clientId },
      subscriptions: [{ filter: 'w/+', retained: true }],
      onMessage: ({ payload }) => {
        heard.push(String(payload));
        hear();
      },
    });
  const until = (count: number): Promise<void> =>
    new Promise((resolve) => {
      hear = () => heard.length >= count && resolve();
      hear();
    });
  listen('g1');
  await until(1);
  worker.client.stream.destroy();
  await until(2);
  assert.deepEqual(heard, ['here', '']);
  const late = listen('g2');
  await late.up;
  await late.link.unsubscribe();
  assert.equal(heard.length, 2);
});

test('of two links with one name the first is thrown out, and hears that the broker took it away or hung up', {
  skip: needs('mosquitto'),
  timeout: 30_000,
}, async (t) => {
  const broker = await Mosquitto.start(t);
  const identity = { clientId: 'same' };
  let tell = (_: string): void => {};
  const ended = new Promise<string>((resolve) => (tell = resolve));
  await startLink(t, broker.url, {
    ...{ identity, subscriptions: [{ filter: 'a' }] },
    reconnect: { minMs: 60_000, maxMs: 60_000 },
    onEnded: ({ cause }) => tell(cause),
  }).up;
  startLink(t, broker.url, { identity });
  assert.match(await ended, /^(hung-up|taken)$/);
});

test('the embedded broker speaks MQTT 3.1.1 alone, and that is what is said', async (t) => {
  const options = { host: '127.0.0.1', port: 0, allowRemote: false, log: recordingLog().log };
  const broker = await startBroker(options, true);
  t.after(() => broker.stop());
  const { link, down } = startLink(t, broker.url!, { identity: { clientId: 'g' } });
  await down;
  assert.match(link.fault!, /does not speak MQTT 5, which work for others needs; Mosquitto 2 does/);
});
