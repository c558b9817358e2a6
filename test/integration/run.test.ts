/**
 * The real thing: `whorl simulate` at one end of a serial cable (socat), `whorl run` at the other, a real broker, and
 * mosquitto_sub in the place of the robot. What arrives must be what `whorl eval` says of the same windows.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { Mosquitto } from '../support/mosquitto.js';
import { needsFiles, shared, whorl } from '../support/paths.js';
import { findProgram, needs } from '../support/programs.js';
import { PtyCable } from '../support/pty.js';

const programs = needs('socat', 'mosquitto', 'mosquitto_sub');
const recordings = shared('data', 'Ev-Objects-train.zip');
const golden = shared('golden', 'ev-objects-hybrid.safetensors');

interface ResultMessage {
  readonly topic: string;
  readonly label: string;
  readonly window: number;
  readonly seq: number;
  readonly step: number;
  readonly steps: number;
  readonly final: boolean;
}

interface Setting {
  readonly model: string;
  /** YAML of the window policy. */
  readonly window: string;
  /** What the sensor feels, as `simulate` and `eval` name it. */
  readonly data: string;
  readonly windows: number;
  readonly speed: number;
}

/** Plays touch through serial cable, daemon and broker; resolves to what the robot was told. */
async function play(
  t: TestContext,
  { model, window, data, windows, speed }: Setting,
): Promise<ResultMessage[]> {
  const folder = mkdtempSync(join(tmpdir(), 'whorl-run-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const cable = new PtyCable();
  await cable.plug();
  t.after(() => cable.remove());
  const broker = await Mosquitto.start(t);
  const robot = listen(t, broker.port, 'tactile/v1/bench/#', windows);
  const config = join(folder, 'whorl.yaml');
  writeFileSync(
    config,
    `configVersion: 2
edge: { id: bench }
mqtt: { url: "${broker.url}" }
sensors:
  finger0: { transport: { kind: serial, path: ${cable.here} }, geometry: neutouch-b }
pipelines:
  touch: { sensors: [finger0], model: ${model}, window: ${window}, queueLimit: 64 }
`,
  );
  const daemon = start(t, 'run', '--config', config);
  await robot.ready; // the sensor has a status: the model is loaded, the port is being opened
  start(
    t,
    'simulate',
    '--to',
    cable.there,
    '--data',
    data,
    '--windows',
    String(windows),
    '--speed',
    String(speed),
    '--stay',
  );
  const results = await robot.results;
  daemon.kill('SIGTERM');
  const [code] = (await once(daemon, 'exit')) as [number];
  assert.equal(code, 0);
  return results;
}

function start(t: TestContext, ...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [whorl, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text) => (said += String(text)));
  child.once('exit', (code) => {
    if (code !== 0 && code !== null) t.diagnostic(`whorl ${args[0]} ended with ${code}:\n${said}`);
  });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

/** mosquitto_sub as the robot: `ready` when the edge says so, `results` when so many windows have their last result. */
function listen(t: TestContext, port: number, topic: string, count: number) {
  const child = spawn(findProgram('mosquitto_sub')!, [
    '-p',
    String(port),
    '-q',
    '1',
    '-t',
    topic,
    '-F',
    '%t %p',
  ]);
  t.after(() => child.kill('SIGKILL'));
  const found: ResultMessage[] = [];
  let windows = 0;
  let isReady: () => void;
  let isDone: (results: ResultMessage[]) => void;
  const ready = new Promise<void>((resolve) => (isReady = resolve));
  const results = new Promise<ResultMessage[]>((resolve) => (isDone = resolve));
  createInterface(child.stdout).on('line', (line) => {
    const at = line.indexOf(' ');
    if (at === line.length - 1) return; // an alert that is over
    const message = { topic: line.slice(0, at), ...JSON.parse(line.slice(at + 1)) };
    if (message.topic.endsWith('/sensor/finger0/status')) isReady();
    if (!message.topic.endsWith('/result')) return;
    found.push(message);
    if (message.final && ++windows === count) isDone(found);
  });
  return { ready, results };
}

/** Labels that `whorl eval` gives, in order. */
async function evaluated(model: string, data: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [whorl, 'eval', '-m', model, '-d', data, '--json'],
    { maxBuffer: 2 ** 24 },
  );
  return (JSON.parse(stdout) as { windows: { predicted: string }[] }).windows.map(
    ({ predicted }) => predicted,
  );
}

/** The labels of the whole windows, after a look at the order in which everything came. */
function labelsInOrder(results: readonly ResultMessage[], windows: number): string[] {
  assert.deepEqual(
    results.map(({ seq }) => seq),
    results.map((_, i) => i),
  );
  const finals = results.filter(({ final }) => final);
  assert.deepEqual(
    finals.map(({ window }) => window),
    Array.from({ length: windows }, (_, i) => i),
  );
  const places = results.map(({ window, step, steps }) => window * steps + step);
  assert.ok(
    places.every((place, i) => i === 0 || place > places[i - 1]!),
    'each result has more of the touch than the one before',
  );
  assert.ok(finals.every(({ step, steps }) => step === steps));
  return finals.map(({ label }) => label);
}

test('simulated touch over a serial cable to a robot: the labels of eval', {
  skip: programs,
  timeout: 60_000,
}, async (t) => {
  const windows = 14;
  const results = await play(t, {
    model: 'demo',
    window: '{ kind: onset }',
    data: `simulator:seed=11,count=${windows}`,
    windows,
    speed: 8,
  });
  assert.deepEqual(
    labelsInOrder(results, windows),
    await evaluated('demo', `simulator:seed=11,count=${windows}`),
  );
  const early = results.filter(({ final }) => !final);
  assert.ok(early.length > windows, `${early.length} results came during the touch`);
});

test('recorded touch over a serial cable to a robot: 36 windows, the labels of eval', {
  skip: programs || needsFiles(recordings, golden),
  timeout: 120_000,
}, async (t) => {
  const results = await play(t, {
    model: golden,
    window: '{ kind: sliding, hopMs: 5000 }',
    data: recordings,
    windows: 36,
    speed: 50,
  });
  assert.deepEqual(labelsInOrder(results, 36), (await evaluated(golden, recordings)).slice(0, 36));
});
