/** Recordings: `whorl record` of a simulated run, `whorl replay` of it, and recording while classifying. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { EmbeddedBroker } from '../../runtime/broker/index.js';
import { Command, run } from '../support/command.js';
import { configOf, makeDaemon, startDaemon } from '../support/daemon.js';
import { recordingLog } from '../support/log.js';
import { MqttSpy } from '../support/mqtt-spy.js';
import { whorl } from '../support/paths.js';
import { needs } from '../support/programs.js';
import { PtyCable } from '../support/pty.js';
import { temporaryFolder } from '../support/small-model.js';

const folder = temporaryFolder();

/** A simulated finger on a pseudo-terminal where there is socat, else on a TCP port; resolves when it can be opened. */
async function startFinger(
  t: TestContext,
  data: readonly string[],
): Promise<{ finger: Command; port: string }> {
  if (needs('socat') === false) {
    const cable = new PtyCable();
    await cable.plug();
    t.after(() => cable.remove());
    const finger = new Command(t, ['simulate', '--to', cable.there, ...data]);
    await finger.line(/39 taxels/);
    return { finger, port: cable.here };
  }
  const finger = new Command(t, ['simulate', '--listen', '0', ...data]);
  const [, port] = /127\.0\.0\.1:(\d+);/.exec(await finger.line(/39 taxels/))!;
  return { finger, port: `tcp:127.0.0.1:${port}` };
}

/** Records a simulated run to its end and a Ctrl-C; resolves to what the recorder said. */
async function recordRun(
  t: TestContext,
  data: readonly string[],
  record: readonly string[],
): Promise<string> {
  const { finger, port } = await startFinger(t, data);
  const recorder = new Command(t, ['record', '--port', port, ...record]);
  await finger.finished;
  recorder.kill('SIGINT');
  const { code, stdout, stderr } = await recorder.finished;
  assert.equal(code, 0, stderr);
  return stdout;
}

/** A message without what may differ: session ids and times, of which those of the sensor's own clock may not. */
function lasting(text: string): string {
  return text
    .replace(/"session":"[0-9a-f]{8}"/, '"session":""')
    .replace(/"sensor_offset_err_us":\d+,/, '') // how well the clocks are known by then hangs on when bytes came
    .replace(/"(?!sensor_(?:first|last))(\w+_us)":\d+/g, '"$1":0')
    .replace(/"(ingest|wait|encode|infer|post|total)":\d+/g, '"$1":0');
}

/** What a robot reads of a replay: the texts of all decisions and results, each in order. */
async function replayed(t: TestContext, source: string, speed: string): Promise<string[]> {
  const broker = new EmbeddedBroker({
    host: '127.0.0.1',
    port: 0,
    allowRemote: false,
    log: recordingLog().log,
  });
  await broker.start();
  t.after(() => broker.stop());
  const robot = await MqttSpy.connect(t, broker.url!, 'tactile/v1/edge/#');
  const { code, stderr } = await run(t, [
    'replay',
    source,
    '--speed',
    speed,
    '--set',
    `mqtt.url=${broker.url}`,
  ]);
  assert.equal(code, 0, stderr);
  await robot.status('offline');
  return robot.seen
    .filter(({ topic }) => /\/pipeline\/replay\/(result|decision)$/.test(topic))
    .sort((a, b) => a.topic.localeCompare(b.topic)) // decisions are acknowledged, results not: their order is not kept
    .map(({ text }) => lasting(text));
}

test('a recorded run is replayed with the same payloads at any speed, byte by byte', {
  timeout: 60_000,
}, async (t) => {
  const out = join(folder, 'run');
  const data = ['--data', 'simulator:seed=3,count=4', '--speed', '8'];
  const said = await recordRun(t, data, [
    '--out',
    out,
    '--name',
    'finger0',
    '--max-mb',
    '0.1',
    '--files',
    '4',
  ]);
  assert.match(said, /^finger0: \d+ bytes, [1-9]\d* events\n {2}.*finger0-\d{8}T\d{6}Z-0001\.capture\n$/);
  const recording = join(out, 'finger0');
  const first = await replayed(t, recording, '0');
  const kinds = (topic: string): number => first.filter((text) => text.includes(`tactile.${topic}/`)).length;
  assert.ok(kinds('decision') >= 3, 'decisions');
  assert.ok(first.filter((text) => text.includes('"final":true')).length >= 3, 'whole windows');
  assert.ok(kinds('result') > 20 * 3, 'an answer a bin, or nearly');
  for (const speed of ['0', '20']) assert.deepEqual(await replayed(t, recording, speed), first);
});

test('the results of the replay are those of the run itself, which was recorded while it was classified', {
  timeout: 60_000,
}, async (t) => {
  const out = join(folder, 'live');
  const pipelines = { touch: { sensors: ['finger0'], model: 'demo', queueLimit: 64 } };
  const simulator = { kind: 'simulator', seed: 5, speed: 6 };
  const live = await startDaemon(
    t,
    configOf({ sensors: { finger0: { transport: simulator } }, pipelines, record: { folder: out } }),
  );
  await live.answered(4);
  await live.daemon.stop();
  const [file] = readdirSync(join(out, 'finger0'));
  assert.match(file!, /^finger0-\d{8}T\d{6}Z-0001\.capture$/);
  assert.ok(live.lines.some(({ message }) => message === 'recorded'));
  const replay = { kind: 'replay', file: join(out, 'finger0'), speed: 0 };
  const again = makeDaemon(
    t,
    configOf({ sensors: { finger0: { transport: replay } }, pipelines, record: { folder: out } }),
  );
  await again.daemon.start();
  await again.answered(4);
  const facts = (made: typeof again): unknown[] =>
    made.results
      .slice(0, 4)
      .map(({ body, result }) => [
        ...[body.window, body.label, body.confidence, body.margin, body.scores],
        ...[body.t.sensor_first_us, body.t.sensor_last_us, result.window.events],
      ]);
  assert.deepEqual(facts(again), facts(live));
  await again.daemon.stop();
  assert.equal(readdirSync(join(out, 'finger0')).length, 1, 'a replay is not recorded again');
});

test('sensors of a configuration, those that are wanted; the ring is bounded', {
  timeout: 30_000,
}, async (t) => {
  const config = join(folder, 'whorl.yaml');
  writeFileSync(
    config,
    `record: { folder: rings, files: 2 }
sensors:
  left: { transport: { kind: simulator, speed: 20, seed: 1 } }
  right: { transport: { kind: simulator, speed: 20, seed: 2 } }
  old: { transport: { kind: replay, file: old.capture } }
`,
  );
  const args = ['record', '--config', config];
  const both = await run(t, [...args, '--max-mb', '0.01', '--for', '1.5']);
  assert.equal(both.code, 0, both.stderr);
  for (const sensor of ['left', 'right']) {
    const files = readdirSync(join(folder, 'rings', sensor)).sort();
    assert.equal(files.length, 2, files.join());
    assert.ok(!files[0]!.endsWith('-0001.capture'), 'the oldest is gone');
    for (const file of files) assert.ok(statSync(join(folder, 'rings', sensor, file)).size < 200_000);
    const { code, stdout, stderr } = await run(t, [
      'replay',
      join(folder, 'rings', sensor),
      '--windows',
      '2',
    ]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^window 0 .*\nwindow 1 .*\n2 windows answered\n$/);
  }
  const refusals: [string[], RegExp][] = [
    [
      [...args, '--sensor', 'middle'],
      /--sensor middle: is not in the configuration, which has left, right, old/,
    ],
    [[...args, '--sensor', 'old'], /--sensor old: is a recording already/],
    [['record'], /no sensor to record: name a port with --port/],
    [
      ['record', '--port', 'x', '--config', config],
      /'--port <port>' cannot be used with option '-c, --config/,
    ],
  ];
  const refused = await Promise.all(refusals.map(([wrong]) => run(t, wrong)));
  for (const [i, { code, stderr }] of refused.entries()) {
    assert.equal(code, 2);
    assert.match(stderr, refusals[i]![1]);
  }
});

test('a disk that takes no more ends it with 1 and what to do; what was written can be replayed', {
  skip: needs('bash'),
  timeout: 30_000,
}, async (t) => {
  const out = join(folder, 'full');
  const config = join(folder, 'full.yaml');
  writeFileSync(config, 'sensors: { finger0: { transport: { kind: simulator, speed: 200 } } }\n');
  const command = `ulimit -f 8; exec "$@"`;
  const args = [process.execPath, whorl, 'record', '--config', config, '--out', out];
  const child = spawn('bash', ['-c', command, 'bash', ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (text) => (said += String(text)));
  const [code] = await once(child, 'close');
  assert.equal(code, 1, said);
  assert.match(
    said,
    /^whorl: .*-0001\.capture: no file may become that large here, the recording has ended; what/m,
  );
  const again = await run(t, ['replay', join(out, 'finger0'), '--windows', '1']);
  assert.equal(again.code, 0, again.stderr);
});
