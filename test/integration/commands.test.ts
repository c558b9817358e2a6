/** Commands that change a daemon that runs: sensors are stopped and started, recorded and calibrated; it is ended. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Requester } from '../../runtime/publish/index.js';
import { Command, run } from '../support/command.js';
import { configOf, startDaemon } from '../support/daemon.js';
import type { Seen } from '../support/mqtt-spy.js';
import { freePort } from '../support/ports.js';
import { temporaryFolder } from '../support/small-model.js';
import { flexitacFrame } from '../support/wire-formats.js';

const folder = temporaryFolder();

/** An operator at the embedded broker of a daemon. */
async function operator(t: TestContext, url: string) {
  const target = { url, keepaliveS: 10, rejectUnauthorized: true };
  const requester = await Requester.open({ target, versions: [4], baseTopic: 'tactile' });
  t.after(() => requester.close());
  return async (command: string, body: object = {}): Promise<Record<string, unknown>> => {
    const answer = await requester.request('e1', command, body, { timeoutMs: 10_000 });
    assert.equal(answer.status, 'ok', JSON.stringify(answer));
    return answer.data as Record<string, unknown>;
  };
}

test('a sensor is stopped, started and recorded while its daemon runs', { timeout: 30_000 }, async (t) => {
  const config = configOf({
    sensors: { finger: { transport: { kind: 'simulator', seed: 5 } } },
    pipelines: { touch: { sensors: ['finger'], model: 'demo' } },
    record: { folder: join(folder, 'recordings'), onStart: false },
  });
  const { daemon, robot } = await startDaemon(t, config);
  await robot.status('ready');
  const say = await operator(t, daemon.brokerUrl);
  assert.equal((await say('ping'))['session'], daemon.session);

  assert.deepEqual(await say('record-start'), { recording: ['finger'] });
  assert.deepEqual((await say('status'))['recording'], ['finger']);
  await robot.next(({ topic, json }) => topic.endsWith('/result') && json['final'] === true, 'a result');
  const { ended } = (await say('record-stop')) as { ended: { finger: { bytes: number; files: string[] } } };
  assert.ok(ended.finger.bytes > 0);
  assert.equal(readdirSync(join(folder, 'recordings', 'finger')).length, ended.finger.files.length);

  robot.forget();
  await say('sensor-stop', { sensor: 'finger' });
  const { json } = await robot.status('degraded');
  assert.deepEqual(json['reasons'], [
    'sensor finger is absent: stopped by command; sensor-start opens it again',
  ]);
  robot.forget();
  await say('sensor-start', { sensor: 'finger' });
  await robot.status('ready');
  const statuses = robot.seen.filter(({ topic }) => topic.endsWith('/e1/status'));
  assert.ok(
    statuses.every(({ json: { status } }) => status !== 'starting'),
    'starting is for the start of the program',
  );
  await robot.next(
    ({ topic, json: body }) => topic.endsWith('/result') && body['final'] === true,
    'a result',
  );
});

test('a mat is calibrated while it works, and works with it at once', { timeout: 30_000 }, async (t) => {
  const server = createServer((socket) => {
    let i = 0;
    const sending = setInterval(() => socket.write(flexitacFrame([9, 100 + 2 * ((i++ % 3) - 1)])), 5);
    socket.on('error', () => {});
    socket.on('close', () => clearInterval(sending));
  });
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const file = join(folder, 'mat.json');
  const old = { rest: [0, 0], noise: [1, 1], threshold: [1, 1], frames: 50, driver: 'matrix' };
  writeFileSync(file, JSON.stringify({ format: 'whorl-calibration', version: 1, ...old }));
  const geometry = join(folder, 'two.json');
  writeFileSync(geometry, '{"id": "two", "taxels": [{"p": [0, 0]}, {"p": [1, 0]}]}');
  const { port } = server.address() as AddressInfo;
  const driver = { kind: 'matrix', format: 'flexitac', rows: 1, columns: 2, calibration: file };
  const transport = { kind: 'tcp', host: '127.0.0.1', port };
  const { daemon, robot } = await startDaemon(
    t,
    configOf({ sensors: { mat: { transport, driver, geometry } } }),
  );
  await robot.status('ready');
  const say = await operator(t, daemon.brokerUrl);
  const isOnline = ({ topic, json }: Seen): boolean =>
    topic.endsWith('/sensor/mat/status') && json['status'] === 'online';
  const before = (await robot.next(isOnline)).json['seq'] as number;
  const answer = await say('sensor-calibrate', { sensor: 'mat', seconds: 0.5 });
  assert.equal(answer['taxels'], 2);
  assert.deepEqual((JSON.parse(readFileSync(file, 'utf8')) as { rest: number[] }).rest, [9, 100]);
  const anew = (message: Seen): boolean => isOnline(message) && (message.json['seq'] as number) > before;
  await robot.next(anew, 'the sensor opened anew');
});

test('a daemon is ended by command where its configuration lets it', { timeout: 60_000 }, async (t) => {
  const port = await freePort();
  const file = join(folder, 'whorl.yaml');
  writeFileSync(
    file,
    JSON.stringify({
      ...{ edge: { id: 'e1' }, broker: { port }, commands: { shutdown: true } },
      sensors: { finger: { transport: { kind: 'simulator' } } },
    }),
  );
  const daemon = new Command(t, ['run', '--config', file]);
  await daemon.line(/whorl is up/);
  const { code, stdout, stderr } = await run(t, ['ctl', 'shutdown', '--config', file]);
  assert.deepEqual([code, stdout, stderr], [0, 'shutdown  begun\n', '']);
  assert.equal((await daemon.finished).code, 0);
});
