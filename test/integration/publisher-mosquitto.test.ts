import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Secret } from '../../runtime/secret.js';
import { bodies } from '../support/bodies.js';
import { makeCertificates } from '../support/certificates.js';
import { Mosquitto } from '../support/mosquitto.js';
import { MqttSpy } from '../support/mqtt-spy.js';
import { freePort } from '../support/ports.js';
import { needs } from '../support/programs.js';
import { makePublisher } from '../support/publisher.js';

const skip = needs('mosquitto');

test('birth, messages with their MQTT 5 properties, retained for late joiners, and a clean goodbye', {
  skip,
}, async (t) => {
  const mosquitto = await Mosquitto.start(t);
  const robot = await MqttSpy.connect(t, mosquitto.url, 'tactile/v1/e1/#', { protocolVersion: 5 });
  const { publisher, lines } = makePublisher(t, { url: mosquitto.url });
  publisher.start();
  await robot.status('starting');
  assert.equal(lines.find(({ message }) => message === 'connected to the broker')!.facts['mqtt'], 5);
  publisher.setStatus('ready');
  publisher.publish('result', bodies.result);
  publisher.publish('decision', bodies.decision);
  publisher.publish('state', bodies.state);

  const result = await robot.next(({ topic }) => topic.endsWith('/result'));
  assert.equal(result.packet.qos, 0);
  assert.equal(result.packet.retain, false);
  assert.equal(result.packet.properties?.messageExpiryInterval, 1);
  assert.equal(result.packet.properties?.contentType, 'application/json');
  assert.equal(result.packet.properties?.payloadFormatIndicator, true);
  assert.deepEqual(
    { ...result.packet.properties?.userProperties },
    { schema: 'tactile.result/1.0', session: 'b7f1c2d0', seq: '0' },
  );
  const decision = await robot.next(({ topic }) => topic.endsWith('/decision'));
  assert.equal(decision.packet.qos, 1);
  assert.equal(decision.packet.properties?.messageExpiryInterval, 2);
  await robot.next(({ topic }) => topic.endsWith('/state'));

  const late = await MqttSpy.connect(t, mosquitto.url, 'tactile/v1/e1/#', { protocolVersion: 5 });
  const state = await late.next(({ topic }) => topic.endsWith('/state'));
  const expiry = state.packet.properties?.messageExpiryInterval ?? 0;
  assert.ok(state.packet.retain && expiry > 0 && expiry <= 10, `retained, expires in ${expiry} s`);
  assert.ok((await late.status('ready')).packet.retain);
  assert.equal(
    late.seen.some(({ topic }) => /result|decision/.test(topic)),
    false,
  );

  await publisher.stop();
  await robot.status('offline');
  assert.equal(
    robot.seen.some(({ json }) => json['status'] === 'lost'),
    false,
  );
});

test('a cut cable: the broker says lost, and the birth corrects it after the reconnect', {
  skip,
}, async (t) => {
  const mosquitto = await Mosquitto.start(t);
  const wire = await startWire(t, mosquitto.port);
  const robot = await MqttSpy.connect(t, mosquitto.url, 'tactile/v1/e1/status');
  const { publisher } = makePublisher(t, { url: `mqtt://127.0.0.1:${wire.port}` });
  publisher.start();
  publisher.setStatus('ready');
  await robot.status('ready');
  robot.forget();
  wire.cut();
  const lost = await robot.status('lost');
  assert.deepEqual(lost.json, {
    schema: 'tactile.status/1.0',
    session: 'b7f1c2d0',
    edge: 'e1',
    status: 'lost',
  });
  await robot.status('ready');
  assert.equal(publisher.counters.lost, 1);
  const late = await MqttSpy.connect(t, mosquitto.url, 'tactile/v1/e1/status');
  await late.status('ready');
});

test('a broker that is absent at start, then killed and started again: told everything each time, no old result', {
  skip,
}, async (t) => {
  const port = await freePort();
  const { publisher } = makePublisher(t, { url: `mqtt://127.0.0.1:${port}` });
  publisher.start();
  publisher.setStatus('ready');
  publisher.publish('info', bodies.info);
  publisher.publish('result', bodies.result);
  while (publisher.counters.failedAttempts === 0) await new Promise((resolve) => setImmediate(resolve));
  const mosquitto = await Mosquitto.start(t, { port });
  for (let round = 0; round < 3; round++) {
    const robot = await MqttSpy.connect(t, mosquitto.url);
    await robot.status('ready');
    await robot.next(({ topic }) => topic.endsWith('/info'));
    publisher.publish('result', { ...bodies.result, window: round });
    await robot.next(({ topic }) => topic.endsWith('/result'));
    const windows = robot.seen
      .filter(({ topic }) => topic.endsWith('/result'))
      .map(({ json }) => json['window']);
    assert.deepEqual(windows, [round]);
    await mosquitto.kill();
    while (publisher.connected) await new Promise((resolve) => setImmediate(resolve));
    for (let i = 0; i < 100; i++) publisher.publish('result', { ...bodies.result, window: 1000 + i });
    await mosquitto.restart();
  }
  assert.equal(publisher.counters.droppedOffline, 301);
  assert.equal(publisher.counters.lost, 3);
});

test('a command with an MQTT 5 response topic is answered there, with its correlation data', {
  skip,
}, async (t) => {
  const mosquitto = await Mosquitto.start(t);
  const robot = await MqttSpy.connect(t, mosquitto.url, 'tactile/reply/robot-1', { protocolVersion: 5 });
  const { publisher } = makePublisher(t, { url: mosquitto.url });
  publisher.onCommand('trigger', () => ({ accepted: true }));
  publisher.start();
  const correlationData = Buffer.from([1, 2, 3]);
  const properties = { responseTopic: 'tactile/reply/robot-1', correlationData };
  const answer = await robot.ask('tactile/v1/e1/cmd/trigger', '', () => true, { properties });
  assert.deepEqual(answer.json['data'], { accepted: true });
  assert.deepEqual(answer.packet.properties?.correlationData, correlationData);
});

test('a retained command is answered with a refusal, on resp/<name>', { skip }, async (t) => {
  const mosquitto = await Mosquitto.start(t);
  const robot = await MqttSpy.connect(t, mosquitto.url, 'tactile/v1/e1/resp/#');
  const { publisher } = makePublisher(t, { url: mosquitto.url });
  publisher.onCommand('trigger', () => assert.fail('carried out'));
  publisher.start();
  await robot.ask('tactile/v1/e1/cmd/ping', '', ({ topic }) => topic.endsWith('/resp/ping'));
  for (const [payload, transaction] of [
    ['{"transaction":"7"}', '7'],
    ['', undefined],
  ] as const) {
    robot.client.publish('tactile/v1/e1/cmd/trigger', payload, { qos: 1, retain: true });
    const { json } = await robot.next(
      ({ topic, json }) => topic.endsWith('/resp/trigger') && json['transaction'] === transaction,
    );
    assert.equal((json['error'] as { code: string }).code, 'retained');
  }
  assert.equal(publisher.counters.commandsRetained, 2);
});

test('user and password: let in with them, refused with a word and retried slowly without', {
  skip,
}, async (t) => {
  const user = { name: 'whorl', password: 'correct horse' };
  const mosquitto = await Mosquitto.start(t, { user });
  const wrong = makePublisher(t, { url: mosquitto.url, username: 'whorl', password: new Secret('wrong') });
  wrong.publisher.start();
  while (wrong.publisher.counters.failedAttempts === 0) await new Promise((resolve) => setImmediate(resolve));
  const warning = wrong.lines.find(({ level }) => level === 'warn')!;
  assert.equal(warning.facts['cause'], 'refused');
  assert.match(String(warning.facts['reason']), /Not authorized/);
  assert.ok(Number(warning.facts['retryMs']) >= 2500);
  assert.doesNotMatch(JSON.stringify(wrong.lines), /wrong/);

  const credentials = { username: user.name, password: user.password };
  const robot = await MqttSpy.connect(t, mosquitto.url, '#', credentials);
  const right = makePublisher(t, {
    url: mosquitto.url,
    username: user.name,
    password: new Secret(user.password),
  });
  right.publisher.start();
  await robot.status('starting');
});

test('TLS: with the CA and our certificate let in; without the CA, or without a certificate, not', {
  skip: skip || needs('openssl'),
}, async (t) => {
  const files = makeCertificates();
  t.after(() => rmSync(files.folder, { recursive: true, force: true }));
  const tls = { ca: files.ca, cert: files.serverCert, key: files.serverKey, requireCertificate: true };
  const mosquitto = await Mosquitto.start(t, { tls });
  const url = `mqtts://127.0.0.1:${mosquitto.port}`;
  const read = (path: string): string => readFileSync(path, 'utf8');
  const [ca, cert, key] = [read(files.ca), read(files.clientCert), read(files.clientKey)];

  const robot = await MqttSpy.connect(t, url, '#', { ca, cert, key });
  const good = makePublisher(t, { url, ca, cert, key: new Secret(key) });
  good.publisher.start();
  await robot.status('starting');

  const refused = async (target: Parameters<typeof makePublisher>[1], reason: RegExp): Promise<void> => {
    const { publisher, lines } = makePublisher(t, target);
    publisher.start();
    while (publisher.counters.failedAttempts === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(publisher.connected, false);
    assert.match(String(lines.find(({ level }) => level === 'warn')!.facts['reason']), reason);
  };
  await refused({ url, cert, key: new Secret(key) }, /self.signed certificate|unable to/);
  await refused({ url, ca }, /certificate required|handshake|closed/);
  await refused({ url, ca, cert, key: new Secret('no key') }, /./);
});

test('over WebSockets', { skip }, async (t) => {
  const mosquitto = await Mosquitto.start(t, { websockets: true });
  const url = `ws://127.0.0.1:${mosquitto.port}/mqtt`;
  const robot = await MqttSpy.connect(t, url);
  const { publisher } = makePublisher(t, { url });
  publisher.start();
  await robot.status('starting');
  publisher.publish('result', bodies.result);
  await robot.next(({ topic }) => topic.endsWith('/result'));
  await publisher.stop();
  await robot.status('offline');
});

test('MQTT 3.1.1 when the broker is asked for it', { skip }, async (t) => {
  const mosquitto = await Mosquitto.start(t);
  const robot = await MqttSpy.connect(t, mosquitto.url);
  const { publisher, lines } = makePublisher(t, { url: mosquitto.url }, { versions: [4] });
  publisher.start();
  await robot.status('starting');
  assert.equal(lines.find(({ message }) => message === 'connected to the broker')!.facts['mqtt'], 4);
});

/** A TCP connection to the broker that can be cut as a cable is: without a goodbye from either side. */
async function startWire(t: TestContext, brokerPort: number): Promise<{ port: number; cut: () => void }> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(brokerPort, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)));
    }
    near.pipe(far).pipe(near);
  });
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  t.after(() => {
    cut();
    server.close();
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { port, cut };
}
