/** What runtime/deploy offers works, as far as it can be tried without installing it. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { WorkTopics } from '../../runtime/publish/index.js';
import { makeCertificates } from '../support/certificates.js';
import { Mosquitto } from '../support/mosquitto.js';
import { MqttSpy } from '../support/mqtt-spy.js';
import { root } from '../support/paths.js';
import { calledCommand } from '../support/program.js';
import { findProgram, needs } from '../support/programs.js';
import { temporaryFolder } from '../support/small-model.js';

const deploy = join(root, 'runtime', 'deploy');
const read = (...path: string[]): string => readFileSync(join(deploy, ...path), 'utf8');

/** Units of runtime/deploy, each with a name under which systemd takes it. */
const units = { 'whorl.service': 'whorl.service', 'whorl-worker@.service': 'whorl-worker@1.service' };

for (const [unit, instance] of Object.entries(units)) {
  test(`systemd finds nothing wrong with ${unit}, nor with what it leaves to be switched on`, {
    skip: needs('systemd-analyze'),
  }, async () => {
    const file = join(temporaryFolder(), instance);
    // The program must exist; whorl is not installed here.
    const text = read(unit).replace('/usr/bin/whorl', process.execPath);
    for (const one of [text, text.replaceAll(/^#(?=[A-Z]\w+=)/gm, '')]) {
      writeFileSync(file, one);
      const { stdout, stderr } = await promisify(execFile)('systemd-analyze', ['verify', file]);
      assert.equal(stdout + stderr, '');
    }
  });

  test(`${unit} has what the security page promises`, () => {
    const lines = read(unit).split('\n');
    for (const line of [...hardened, ...own[unit as keyof typeof units]])
      assert.ok(lines.includes(line), line);
  });

  test(`${unit} calls a command that there is`, async () => {
    const [, words] = /^ExecStart=\/usr\/bin\/whorl (.*)$/m.exec(read(unit))!;
    const called = await calledCommand(words!.split(' '));
    assert.deepEqual(called?.command.parseOptions(called.args).unknown, []);
  });
}

const hardened = [
  ...['DynamicUser=yes', 'DevicePolicy=closed', 'ProtectSystem=strict', 'ProtectHome=yes', 'PrivateTmp=yes'],
  ...['NoNewPrivileges=yes', 'CapabilityBoundingSet=', 'SystemCallFilter=@system-service', 'UMask=0077'],
  ...['MemoryMax=1G', 'Restart=always'],
];
const own = {
  'whorl.service': [
    ...['Type=notify', 'NotifyAccess=all', 'SupplementaryGroups=dialout', 'WatchdogSec=30'],
    ...['DeviceAllow=char-ttyUSB rw', 'DeviceAllow=char-ttyACM rw'],
    'ExecReload=/bin/kill -HUP $MAINPID',
  ],
  'whorl-worker@.service': ['Type=exec', 'PrivateDevices=yes', 'PrivateUsers=yes'],
};

test('the container is not root', () => {
  const stages = read('Dockerfile').split(/^FROM /m);
  assert.match(stages.at(-1)!, /^USER node$/m);
});

/** Mosquitto with the files of runtime/deploy, and TLS with certificates of the test. */
async function startBroker(t: TestContext) {
  const tls = makeCertificates();
  t.after(() => rmSync(tls.folder, { recursive: true, force: true }));
  const configuration = (port: number, folder: string): string => {
    const users = join(folder, 'whorl.users');
    copyFileSync(join(deploy, 'mosquitto', 'whorl.users.example'), users);
    execFileSync(findProgram('mosquitto_passwd')!, ['-U', users], { stdio: 'pipe' });
    copyFileSync(join(deploy, 'mosquitto', 'whorl.acl'), join(folder, 'whorl.acl'));
    return read('mosquitto', 'whorl.conf')
      .replaceAll('/etc/mosquitto/whorl.', join(folder, 'whorl.'))
      .replaceAll('/etc/mosquitto/tls/', `${tls.folder}/`)
      .replace('listener 8883', `listener ${port} 127.0.0.1`)
      .concat(`user ${userInfo().username}\n`);
  };
  const broker = await Mosquitto.start(t, { configuration });
  const passwords = new Map(
    read('mosquitto', 'whorl.users.example')
      .trim()
      .split('\n')
      .map((line) => line.split(':') as [string, string]),
  );
  const ca = readFileSync(tls.ca);
  const url = `mqtts://127.0.0.1:${broker.port}`;
  const connect = (username: string, filter = 'tactile/#'): Promise<MqttSpy> =>
    MqttSpy.connect(t, url, filter, {
      ca,
      username,
      password: passwords.get(username) ?? 'none',
      protocolVersion: 5,
    });
  return { broker, ca, url, connect };
}

test('Mosquitto lets each user do what it must, and nothing else', {
  skip: needs('mosquitto', 'mosquitto_passwd', 'openssl'),
}, async (t) => {
  const { broker, url, ca, connect } = await startBroker(t);
  await assert.rejects(connect('nobody'), /[Nn]ot authorized/);
  await assert.rejects(
    MqttSpy.connect(t, `mqtt://127.0.0.1:${broker.port}`),
    'there is no listener without TLS',
  );
  await assert.rejects(
    MqttSpy.connect(t, url, '#', { ca }),
    /[Nn]ot authorized/,
    'there is nobody without a name',
  );

  const edge = await connect('edge-grip-left', 'tactile/v1/grip-left/cmd/#');
  const robot = await connect('robot', 'tactile/v1/+/pipeline/#');
  const operator = await connect('operator');
  const publish = (who: MqttSpy, topic: string): Promise<unknown> =>
    who.client.publishAsync(topic, '{}', { qos: 1 }).catch(() => undefined); // MQTT 5 brokers say that it was refused
  const result = 'tactile/v1/grip-left/pipeline/touch/result';
  const command = 'tactile/v1/grip-left/cmd/trigger';
  for (const topic of [result, command, 'tactile/v1/grip-left/status']) await publish(robot, topic);
  await publish(operator, result);
  await publish(edge, 'tactile/v1/other/status');
  await publish(edge, 'tactile/reply/console');
  await publish(edge, result);
  await publish(operator, command);
  await robot.next(({ topic }) => topic === result, 'the result of the edge');
  await edge.next(({ topic }) => topic === command, 'the command of the operator');
  await operator.next(({ topic }) => topic === command, 'the command, too');
  assert.deepEqual(
    robot.seen.map(({ topic }) => topic),
    [result],
  );
  assert.deepEqual(
    edge.seen.map(({ topic }) => topic),
    [command],
  );
  assert.deepEqual(
    operator.seen.map(({ topic }) => topic),
    ['tactile/reply/console', result, command],
  );
});

test('Mosquitto lets a gateway and a worker meet, and lets nobody else answer or ask', {
  skip: needs('mosquitto', 'mosquitto_passwd', 'openssl'),
}, async (t) => {
  const { connect } = await startBroker(t);
  const topics = new WorkTopics('tactile');
  const window = topics.window({ edge: 'grip-left', model: '0123456789abcdef' });
  const answer = topics.answers('grip-left');
  const edge = await connect('edge-grip-left', answer);
  await edge.client.subscribeAsync(topics.workers, { qos: 1 });
  const worker = await connect('worker', topics.sharedWindows('whorl-workers', '0123456789abcdef'));
  const robot = await connect('robot', 'tactile/v1/+/pipeline/#');
  const publish = (who: MqttSpy, topic: string, payload: string): Promise<unknown> =>
    who.client.publishAsync(topic, payload, { qos: 1 }).catch(() => undefined);
  for (const topic of [window, answer, topics.worker('x')]) await publish(robot, topic, 'forged');
  await publish(worker, 'tactile/v1/grip-left/pipeline/touch/result', 'forged');
  await publish(edge, topics.window({ edge: 'other', model: '0123456789abcdef' }), 'forged');
  await publish(edge, window, 'window');
  await worker.next(({ text }) => text === 'window');
  await publish(worker, answer, 'answer');
  await publish(worker, topics.worker('w1'), 'here');
  await edge.next(({ text }) => text === 'here');
  assert.deepEqual(
    [edge, worker, robot].map(({ seen }) => seen.map(({ text }) => text)),
    [['answer', 'here'], ['window'], []],
  );
});
