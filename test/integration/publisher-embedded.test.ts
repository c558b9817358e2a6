import assert from 'node:assert/strict';
import { connect, Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { EmbeddedBroker } from '../../runtime/broker/index.js';
import { bodies } from '../support/bodies.js';
import { recordingLog } from '../support/log.js';
import { MqttSpy } from '../support/mqtt-spy.js';
import { freePort } from '../support/ports.js';
import { makePublisher } from '../support/publisher.js';

async function startBroker(
  t: TestContext,
  options: { host?: string; port?: number; allowRemote?: boolean } = {},
) {
  const { log, lines } = recordingLog();
  const broker = new EmbeddedBroker({ host: '127.0.0.1', port: 0, allowRemote: false, log, ...options });
  t.after(() => broker.stop());
  await broker.start();
  return { broker, lines, url: broker.url!, port: Number(new URL(broker.url!).port) };
}

test('everything arrives at a robot, through the embedded broker, with MQTT 3.1.1 in place of 5', async (t) => {
  const { url } = await startBroker(t);
  const robot = await MqttSpy.connect(t, url, 'tactile/v1/e1/#');
  const { publisher } = makePublisher(t, { url });
  publisher.start();
  await robot.status('starting');
  publisher.setStatus('ready');
  for (const kind of ['info', 'model', 'result', 'decision', 'state'] as const)
    publisher.publish(kind, bodies[kind]);
  publisher.publish('sensor-status', bodies['sensor-status']);
  await robot.next(({ topic }) => topic.endsWith('sensor/finger0/status'));
  const result = robot.seen.find(({ topic }) => topic.endsWith('pipeline/slip/result'))!;
  assert.equal(result.json['label'], 'slip');
  assert.deepEqual(
    ['/info', '/model', '/result', '/decision', '/state'].filter(
      (leaf) => !robot.seen.some((m) => m.topic.endsWith(leaf)),
    ),
    [],
  );

  const late = await MqttSpy.connect(t, url, 'tactile/v1/e1/#');
  await late.next(() => late.seen.length === 5, 'five retained messages');
  assert.deepEqual(
    late.seen
      .filter(({ packet }) => packet.retain)
      .map(({ topic }) => topic.slice(14))
      .sort(),
    ['info', 'pipeline/slip/model', 'pipeline/slip/state', 'sensor/finger0/status', 'status'],
  );

  await publisher.stop();
  await robot.status('offline');
  assert.equal(
    robot.seen.some(({ json }) => json['status'] === 'lost'),
    false,
  );
});

test('small packets do not wait for others: TCP_NODELAY is set on the connection', async (t) => {
  const { port, url } = await startBroker(t);
  const undelayed: unknown[] = [];
  const original = Socket.prototype.setNoDelay;
  t.mock.method(Socket.prototype, 'setNoDelay', function (this: Socket, on?: boolean) {
    if (on === true) undelayed.push(this.remotePort);
    return original.call(this, on);
  });
  const { publisher } = makePublisher(t, { url }, { versions: [4] });
  publisher.start();
  while (!publisher.connected) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(undelayed.includes(port));
});

test('a command is answered, with its transaction', async (t) => {
  const { url } = await startBroker(t);
  const robot = await MqttSpy.connect(t, url, 'tactile/v1/e1/resp/#');
  const { publisher } = makePublisher(t, { url }, { versions: [4] });
  publisher.onCommand('trigger', ({ body }) => ({ window: body['pipeline'] }));
  publisher.start();
  const request = '{"pipeline":"slip","transaction":"7"}';
  const answer = await robot.ask('tactile/v1/e1/cmd/trigger', request, ({ topic }) =>
    topic.endsWith('/resp/trigger'),
  );
  assert.deepEqual(
    [answer.json['status'], answer.json['transaction'], answer.json['data']],
    ['ok', '7', { window: 'slip' }],
  );
});

test('a retained command is not carried out', async (t) => {
  const { url } = await startBroker(t);
  const robot = await MqttSpy.connect(t, url, 'tactile/v1/e1/#');
  await robot.client.publishAsync('tactile/v1/e1/cmd/trigger', '{}', { qos: 1, retain: true });
  const { publisher } = makePublisher(t, { url }, { versions: [4] });
  publisher.onCommand('trigger', () => assert.fail('carried out'));
  publisher.start();
  await robot.status('starting');
  await robot.ask('tactile/v1/e1/cmd/ping', '', ({ topic }) => topic.endsWith('/resp/ping'));
  assert.equal(publisher.counters.commandsRetained, 1);
});

test('a retained command is refused, with an answer, by an edge that is there when it comes, too', async (t) => {
  const { url } = await startBroker(t);
  const robot = await MqttSpy.connect(t, url, 'tactile/v1/e1/#');
  const { publisher } = makePublisher(t, { url }, { versions: [4] });
  const carriedOut: unknown[] = [];
  publisher.onCommand('trigger', ({ body }) => carriedOut.push(body['n']));
  publisher.start();
  await robot.ask('tactile/v1/e1/cmd/ping', '', ({ topic }) => topic.endsWith('/resp/ping'));
  const answer = (transaction: string) =>
    robot.next(({ topic, json }) => topic.endsWith('/resp/trigger') && json['transaction'] === transaction);
  for (const qos of [0, 1, 2] as const) {
    robot.client.publish('tactile/v1/e1/cmd/trigger', `{"transaction":"r${qos}"}`, { qos, retain: true });
    const { json } = await answer(`r${qos}`);
    assert.equal((json['error'] as { code: string }).code, 'retained');
  }
  robot.client.publish('tactile/v1/e1/cmd/trigger', '', { qos: 1, retain: true });
  robot.client.publish('tactile/v1/e1/cmd/trigger', '{"n":1,"transaction":"live"}', { qos: 1 });
  await answer('live');
  assert.deepEqual(carriedOut, [1]);
  assert.equal(publisher.counters.commandsRetained, 4);
});

test('commands that are too long: refused with an answer, and far too long ones cost the connection, not the memory', async (t) => {
  const { url } = await startBroker(t);
  const robot = await MqttSpy.connect(t, url, 'tactile/v1/e1/#');
  const { publisher, lines } = makePublisher(t, { url }, { versions: [4] });
  publisher.start();
  const long = `"${'x'.repeat(65_600)}"`;
  const answer = await robot.ask('tactile/v1/e1/cmd/ping', long, ({ topic }) => topic.endsWith('/resp/ping'));
  assert.equal((answer.json['error'] as { code: string }).code, 'too-large');
  robot.forget();
  robot.client.publish('tactile/v1/e1/cmd/ping', 'x'.repeat(200_000), { qos: 1 });
  await robot.status('starting');
  assert.equal(publisher.counters.lost, 1);
  assert.ok(lines.some(({ facts }) => /packet of more than/.test(String(facts['reason']))));
});

test('a broker that comes later, and one that comes back having forgotten everything', async (t) => {
  const port = await freePort();
  const { publisher, lines } = makePublisher(t, { url: `mqtt://127.0.0.1:${port}` });
  publisher.start();
  publisher.setStatus('ready');
  publisher.publish('info', bodies.info);
  while (publisher.counters.failedAttempts === 0) await new Promise((resolve) => setImmediate(resolve));
  for (let round = 0; round < 2; round++) {
    const { broker, url } = await startBroker(t, { port });
    const robot = await MqttSpy.connect(t, url);
    await robot.status('ready');
    await robot.next(({ topic }) => topic.endsWith('/info'));
    await robot.end();
    await broker.stop();
  }
  await publisher.stop();
  assert.equal(lines.filter(({ message }) => message === 'connected to the broker').length, 2);
});

test('the port is taken: an error that says what to do', async (t) => {
  const { port } = await startBroker(t);
  await assert.rejects(startBroker(t, { port }), (error: Error) => {
    assert.match(
      error.message,
      new RegExp(`127\\.0\\.0\\.1:${port}.*set mqtt\\.url to mqtt://127\\.0\\.0\\.1:${port}`),
    );
    return true;
  });
});

test('only loopback, unless allowed; then with a warning', async (t) => {
  await assert.rejects(
    startBroker(t, { host: '0.0.0.0' }),
    /listens on loopback only, not on 0\.0\.0\.0; set broker\.allowRemote/,
  );
  const { lines } = await startBroker(t, { host: '0.0.0.0', allowRemote: true });
  assert.match(lines.find(({ level }) => level === 'warn')!.message, /beyond this machine/);
});

test('stop frees the port at once, with clients connected, and can be repeated', async (t) => {
  const { broker, port, url } = await startBroker(t);
  await MqttSpy.connect(t, url);
  const silent = connect(port, '127.0.0.1');
  await new Promise((resolve) => silent.once('connect', resolve));
  const gone = closed(silent);
  await broker.stop();
  await broker.stop();
  await gone;
  assert.equal(broker.url, undefined);
  await startBroker(t, { port });
});

test('a client that sends too long a packet is cut off; the others stay', async (t) => {
  const { port, url } = await startBroker(t);
  const robot = await MqttSpy.connect(t, url);
  const { publisher } = makePublisher(t, { url }, { versions: [4] });
  publisher.start();
  await robot.status('starting');
  const rogue = connect(port, '127.0.0.1');
  await new Promise((resolve) => rogue.once('connect', resolve));
  const gone = closed(rogue);
  rogue.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]));
  await gone;
  publisher.setStatus('ready');
  await robot.status('ready');
});

test('a subscriber that reads nothing does not hold up the others', async (t) => {
  const { url } = await startBroker(t);
  const slow = await MqttSpy.connect(t, url, 'flood');
  (slow.client.stream as unknown as Socket).pause();
  const robot = await MqttSpy.connect(t, url, 'flood');
  const source = await MqttSpy.connect(t, url, 'none');
  const payload = Buffer.alloc(100_000, 'x');
  const count = 300;
  for (let i = 0; i < count; i++) source.client.publish('flood', payload);
  await robot.next(() => robot.seen.length === count, 'the whole flood');
});

test('the embedded broker keeps no sessions: what is sent to an absent client is not queued', async (t) => {
  const { url } = await startBroker(t);
  const options = { clean: false, clientId: 'keeper' } as const;
  const keeper = await MqttSpy.connect(t, url, 'x', options);
  await keeper.end();
  const source = await MqttSpy.connect(t, url, 'none');
  await source.client.publishAsync('x', 'meanwhile', { qos: 1 });
  const back = await MqttSpy.connect(t, url, 'x', options);
  await source.client.publishAsync('x', 'now', { qos: 1 });
  await back.next(({ text }) => text === 'now');
  assert.deepEqual(
    back.seen.map(({ text }) => text),
    ['now'],
  );
});

/** Resolves when the other side has ended the connection. */
function closed(socket: Socket): Promise<void> {
  socket.on('error', () => undefined);
  socket.resume();
  return new Promise((resolve) => socket.once('close', () => resolve()));
}
