/** The commands as processes: what they say, how they end. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { connect } from 'mqtt';
import { readModelFile } from '../../models/index.js';
import { viewSize } from '../../runtime/live-view/view.js';
import { contactsOf, writeCapture } from '../support/capture.js';
import { Command, run } from '../support/command.js';
import { assertMessage } from '../support/message-schemas.js';
import { whorl } from '../support/paths.js';
import { freePort } from '../support/ports.js';
import { needs } from '../support/programs.js';
import { temporaryFolder } from '../support/small-model.js';

const folder = temporaryFolder();

/** Neither a stack nor an unhandled error has been shown. */
function assertPlain(stderr: string): void {
  assert.doesNotMatch(stderr, /^\s+at |node:internal|Unhandled|fault of whorl/m);
}

test('help ends with 0, wrong usage with 2, what cannot be done with 1; all say why and what to do', {
  timeout: 30_000,
}, async (t) => {
  const [help, unknown, missing] = await Promise.all([
    run(t, []),
    run(t, ['nosuch']),
    run(t, ['eval', '--model', 'dmo', '--data', 'simulator']),
  ]);
  assert.deepEqual([help.code, help.stderr], [0, '']);
  assert.match(help.stdout, /^Usage: whorl \[options\]/);
  assert.equal(unknown.code, 2);
  assert.equal(unknown.stderr, "whorl: unknown command 'nosuch'\n'whorl help' lists the commands\n");
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /^whorl: .*dmo: no such file; bundled models: .*demo\n$/);
  for (const { stdout } of [unknown, missing]) assert.equal(stdout, '');
});

test('when nobody reads on, as with head, a command ends quietly', { timeout: 30_000 }, async (t) => {
  const help = new Command(t, ['help', 'train']);
  help.stopReading();
  const { code, stderr } = await help.finished;
  assert.deepEqual([code, stderr], [0, '']);
});

describe('demo', { timeout: 30_000, concurrency: 2 }, () => {
  test('a line a decision, exactly as many as were asked for, on another port when its own is in use', async (t) => {
    const server = createServer();
    t.after(() => server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const args = ['demo', '--windows', '2', '--plain', '--speed', '8', '--port', String(port)];
    const { code, stdout, stderr } = await run(t, args);
    assert.deepEqual([code, stderr], [0, '']);
    const lines = stdout.trimEnd().split('\n');
    assert.equal(lines.length, 4);
    const where =
      /^whorl demo: simulated finger, model demo, results on mqtt:\/\/127\.0\.0\.1:(\d+) {2}tactile\/v1\/demo\/#$/;
    assert.notEqual(Number(where.exec(lines[0]!)?.[1]), port);
    assert.match(lines[1]!, /^decision 1 {2}\w+ +\d+ % .* it was \w+/);
    assert.match(lines[2]!, /^decision 2 {2}/);
    assert.match(lines[3]!, /^2 decisions, \d right, 0 windows dropped; [\d.]+ ms/);
  });

  test('on a terminal: a picture that fits, until Ctrl-C, and the terminal as it was before', {
    skip: needs('script'),
  }, async (t) => {
    const command = `stty cols 80 rows 24; exec ${process.execPath} ${whorl} demo --speed 8 --port ${await freePort()}`;
    const terminal = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
    t.after(() => terminal.kill('SIGKILL'));
    let screen = '';
    let isAsked = false;
    terminal.stdout.on('data', (bytes) => {
      screen += String(bytes);
      if (isAsked || !/window [1-9]\d*, \d+ events/.test(stripVTControlCharacters(screen))) return;
      isAsked = true;
      terminal.stdin.write('\x03');
    });
    const [code] = await once(terminal, 'close');
    assert.equal(code, 0);
    assert.ok(screen.startsWith('\x1b[?1049h'), 'the picture is drawn on a screen of its own');
    const after = screen.split('\x1b[?1049l');
    assert.equal(after.length, 2, 'which is left again');
    assert.ok(after[0]!.endsWith('\x1b[?25h'), 'with the cursor shown');
    const lines = stripVTControlCharacters(after[1]!).trimEnd().split('\r\n');
    assert.equal(lines.length, viewSize.rows + 1);
    assert.match(lines[0]!, /^ whorl demo .* tactile\/v1\/demo\/# *$/);
    assert.match(lines.at(-1)!, /^\d+ decisions?, \d+ right, 0 windows dropped/);
    for (const line of lines.slice(0, -1)) assert.ok(line.length <= viewSize.columns, line);
  });
});

test('replay ends with 0 at Ctrl-C, and says how far it came', { timeout: 30_000 }, async (t) => {
  const replay = new Command(t, ['replay', 'simulator:count=500', '--speed', '8']);
  await replay.line(/^window 0/);
  replay.kill('SIGINT');
  const { code, stdout, stderr } = await replay.finished;
  assert.equal(code, 0);
  assert.match(stdout, /\n\d+ windows? answered\n$/);
  assertPlain(stderr);
});

test('replay gives every window the label that eval gives it; a damaged capture is an error, after what could be read', {
  timeout: 30_000,
}, async (t) => {
  const source = 'simulator:seed=11,count=9';
  const capture = join(folder, 'damaged.capture');
  await writeCapture(capture, contactsOf(11, 9));
  writeFileSync(capture, Buffer.concat([readFileSync(capture), Buffer.alloc(64, 0xff)]));
  const [evaluated, simulated, damaged] = await Promise.all([
    run(t, ['eval', '-m', 'demo', '-d', source, '--json']),
    run(t, ['replay', source, '--windows', '7', '--json']),
    run(t, ['replay', capture]),
  ]);
  const { windows } = JSON.parse(evaluated.stdout) as { windows: { predicted: string }[] };
  const expected = windows.map(({ predicted }) => predicted);
  assert.equal(expected.length, 9);
  assert.equal(simulated.code, 0, simulated.stderr);
  const results = simulated.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    results.map(({ window, label }) => [window, label]),
    [...expected.slice(0, 7).entries()],
  );
  const said = damaged.stdout.trimEnd().split('\n');
  assert.deepEqual(
    said.map((line) => /^window (\d+) {2}(\w+) {2}[\d.]+ % {2}[\d.]+ ms$/.exec(line)?.slice(1)),
    [...expected.entries()].map(([window, label]) => [String(window), label]),
  );
  assert.equal(damaged.code, 1);
  assert.match(damaged.stderr, /^whorl: .*the capture is damaged/m);
  assertPlain(damaged.stderr);
});

test('eval --anytime: a curve, a chart, and a model with its stopping rule that inspect shows', {
  timeout: 60_000,
}, async (t) => {
  const [svg, out] = [join(folder, 'anytime.svg'), join(folder, 'stopping.safetensors')];
  const source = ['--model', 'demo', '--data', 'simulator:seed=9,count=28'];
  const rule = ['--target-error', '0.1', '--save-stopping', out, '--model-version', '1.1'];
  const args = ['eval', ...source, '--anytime', '--every', '5', '--psi', '10'];
  const [whole, anytime] = await Promise.all([
    run(t, ['eval', ...source, '--json']),
    run(t, [...args, '--svg', svg, ...rule, '--json']),
  ]);
  assert.equal(anytime.code, 0, anytime.stderr);
  assertPlain(anytime.stderr);
  const { curve, stopping, windows } = JSON.parse(anytime.stdout);
  const { accuracy } = JSON.parse(whole.stdout);
  assert.deepEqual(curve.bins, [5, 10, 15, 20, 25, 30, 35, 40, 45, 50]);
  assert.deepEqual([curve.weighted.at(-1), curve.plain.at(-1)], [accuracy, accuracy]);
  assert.equal(stopping.fitted.windows + stopping.measured.windows, windows);
  assert.match(readFileSync(svg, 'utf8'), /^<svg /);
  const model = await readModelFile(out);
  assert.equal(model.version, '1.1');
  assert.deepEqual(model.spec.decision.stopping, stopping.rule);
  assert.equal(model.spec.decision.psi, 10);
  const inspected = await run(t, ['inspect', out]);
  assert.match(inspected.stdout, /^early {8}held for 8 bins, target error 10 %: press /m);
  assert.match(inspected.stdout, /self-test {4}passed, 8 windows\n$/);
});

describe('train', { timeout: 30_000, concurrency: 2 }, () => {
  const small = ['--conv', '2', '--hidden', '8', '--bins', '20', '--self-test', '2', '--seed', '3'];

  test('writes a model that inspect passes and eval reads', async (t) => {
    const out = join(folder, 'tiny.safetensors');
    const data = ['--data', 'simulator:count=28', '--order', 'learned'];
    const args = ['train', ...data, ...small, '--epochs', '1', '--out', out];
    const { code, stdout, stderr } = await run(t, [...args, '--test', 'simulator:seed=9,count=7']);
    assert.equal(code, 0, stderr);
    const [test, ...lines] = stdout.trimEnd().split('\n');
    assert.match(test!, /^test {2}[\d.]+ % right \(\d+ of \d+\) on simulator:seed=9,count=7$/);
    assert.equal(lines.at(-1), `wrote ${out}`);
    assert.match(stderr, /^data {2}\d+ windows of 7 classes from simulator:count=28$/m);
    assert.match(stderr, /^net {3}hybrid-lif-gnn; as published: graph mst, .* learning rate 0.0001/m);
    assert.match(stderr, /^order learned, \d\.\d\d mm from taxel to taxel on average$/m);
    const [inspected, evaluated] = await Promise.all([
      run(t, ['inspect', out]),
      run(t, ['eval', '--model', out, '--data', 'simulator:seed=5,count=7', '--json']),
    ]);
    assert.equal(inspected.code, 0);
    assert.match(inspected.stdout, /self-test {4}passed, 2 windows\n$/);
    assert.match(inspected.stdout, /order: \{"name":"learned","meanStepMm":\d\.\d+\}/);
    const { total, labels, windows } = JSON.parse(evaluated.stdout);
    assert.equal(labels.length, 7);
    assert.ok(total >= 7 && windows.length === total);
  });

  test('two fingers and the slip task, with the network that was published for it', async (t) => {
    const out = join(folder, 'slip.safetensors');
    const data = 'simulator:task=slip,fingers=2,count=4';
    const args = ['--network', 'hybrid-lif-slip', '--conv', '2', '--epochs', '1', '--out', out];
    const { code, stderr } = await run(t, ['train', '--data', data, ...args]);
    assert.equal(code, 0, stderr);
    const { spec, training } = await readModelFile(out);
    assert.deepEqual(spec.input, { taxels: 39, channels: 4, bins: 150, binUs: 1000 });
    assert.deepEqual(spec.labels, ['stable', 'slip']);
    assert.deepEqual(training['window'], { kind: 'strain', leadUs: 30_000 });
    const { network, order, bins, binMs } = training['options'] as Record<string, unknown>;
    assert.deepEqual([network, order, bins, binMs], ['hybrid-lif-slip', 'row', 150, 1]);
    const evaluated = await run(t, ['eval', '--model', out, '--data', data, '--json']);
    assert.equal(JSON.parse(evaluated.stdout).total, 4);
  });

  test('Ctrl-C keeps the best epoch so far', async (t) => {
    const out = join(folder, 'stopped.safetensors');
    const args = ['train', '--data', 'simulator:count=14', ...small, '--epochs', '600', '--out', out];
    const training = new Command(t, args);
    await training.line(/^train {3}5 %/);
    training.kill('SIGINT');
    const { code, stdout, stderr } = await training.finished;
    assert.equal(code, 0, stderr);
    assert.equal(stdout, `wrote ${out} (stopped early: the best epoch so far)\n`);
    const model = await readModelFile(out);
    assert.ok(Number(model.training['epochs']) >= 30);
  });
});

test('run: serves until SIGTERM, then says offline and ends with 0 within 5 s', {
  timeout: 30_000,
}, async (t) => {
  const port = await freePort();
  const config = join(folder, 'whorl.yaml');
  writeFileSync(
    config,
    `edge: { id: bench }
broker: { port: ${port} }
sensors: { finger0: { transport: { kind: simulator, speed: 8 } } }
pipelines: { touch: { sensors: [finger0], model: demo } }
`,
  );
  const daemon = new Command(t, ['run', '--config', config], { WHORL_LOG_FORMAT: 'json' });
  await daemon.line(/embedded broker listens/);
  const robot = connect(`mqtt://127.0.0.1:${port}`);
  t.after(() => robot.end(true));
  const seen: { topic: string; message: Record<string, unknown> }[] = [];
  const result = new Promise<void>((resolve) => {
    robot.on('message', (topic, payload) => {
      if (payload.length > 0) seen.push({ topic, message: JSON.parse(payload.toString()) });
      if (topic.endsWith('/result')) resolve();
    });
  });
  await robot.subscribeAsync('tactile/v1/bench/#', { qos: 1 });
  await result;
  const taken = await run(t, ['run', '--config', config]);
  assert.equal(taken.code, 1);
  assert.match(taken.stderr, new RegExp(`127.0.0.1:${port}: something listens there already`));
  const stopping = performance.now();
  daemon.kill('SIGTERM');
  const { code, stderr } = await daemon.finished;
  assert.equal(code, 0);
  assert.ok(performance.now() - stopping < 5000);
  for (const line of stderr.trimEnd().split('\n')) JSON.parse(line);
  const last = seen.filter(({ topic }) => topic.endsWith('/bench/status')).at(-1)!;
  assert.equal(last.message['status'], 'offline');
  assertMessage('status', last.message);
});
