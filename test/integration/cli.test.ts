/** The commands as processes: what they say, how they end. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { connect } from 'mqtt';
import { contactsOf, writeCapture } from '../support/capture.js';
import { Command, run } from '../support/command.js';
import { assertMessage } from '../support/message-schemas.js';
import { freePort } from '../support/ports.js';
import { temporaryFolder } from '../support/small-model.js';

const folder = temporaryFolder();

/** Neither a stack nor an unhandled error has been shown. */
function assertPlain(stderr: string): void {
  assert.doesNotMatch(stderr, /^\s+at |node:internal|Unhandled|fault of whorl/m);
}

test('wrong usage ends with 2, what cannot be done with 1, and both say why and what to do', {
  concurrency: 2,
}, async (t) => {
  const cases: readonly (readonly [args: string[], code: number, says: RegExp])[] = [
    [[], 0, /^Usage: whorl/],
    [['help', 'train'], 0, /^Usage: whorl train/],
    [['nosuch'], 2, /^whorl: unknown command 'nosuch'\n'whorl help' lists the commands\n$/],
    [
      ['demo', '--speed', 'fast'],
      2,
      /'fast' is invalid\. must be a number from 0\.1 to 100\.\n'whorl help demo'/,
    ],
    [
      ['eval', '--model', 'dmo', '--data', 'simulator'],
      1,
      /^whorl: .*dmo: no such file; bundled models: .*demo\n$/,
    ],
    [['eval', '-m', 'demo', '-d', '/no/data'], 1, /^whorl: \/no\/data: no such file or directory\n$/],
    [
      ['replay', '/no/such.capture'],
      1,
      /^whorl: \/no\/such\.capture is not there: check the name of the capture$/m,
    ],
    [['replay', 'simulator:count=1', '--model', '/no/m'], 1, /^whorl: \/no\/m: no such file; bundled models/],
    [
      ['simulate', '--to', '/dev/no-such-port'],
      1,
      /^whorl: \/dev\/no-such-port is not there: plug the sensor in/m,
    ],
    [['run'], 2, /^whorl: the configuration has no sensor: name a file with --config/],
    [
      ['check-config', '--set', 'mqtt.keepaliveS=0', '--set', 'log.level=loud'],
      2,
      /has 2 errors\n.*keepaliveS.*\n.*log\.level/,
    ],
    [
      ['train', '--data', 'simulator:count=7', '--out', '/no/folder/m'],
      1,
      /^whorl: --out \/no\/folder\/m: the folder \/no\/folder is not/,
    ],
    [['train', '--data', 'simulator:count=7', '--out', folder], 2, /is a folder; name a file/],
  ];
  const results = await Promise.all(cases.map(([args]) => run(t, args)));
  for (const [i, { code, stdout, stderr }] of results.entries()) {
    const [args, expected, says] = cases[i]!;
    assert.equal(code, expected, `whorl ${args.join(' ')}: ${stderr}`);
    assert.match(expected === 0 ? stdout : stderr, says);
    assert.equal(expected === 0 ? stderr : stdout, '');
    assertPlain(stderr);
  }
});

test('demo: a line a decision, exactly as many as were asked for; two at once share no port', async (t) => {
  const port = String(await freePort());
  const args = ['demo', '--windows', '2', '--plain', '--speed', '8', '--port', port];
  const demos = await Promise.all([run(t, args), run(t, args)]);
  const ports = demos.map(({ code, stdout, stderr }) => {
    assert.deepEqual([code, stderr], [0, '']);
    const lines = stdout.trimEnd().split('\n');
    assert.equal(lines.length, 4);
    assert.match(
      lines[0]!,
      /^whorl demo: simulated finger, model demo, results on mqtt:.* {2}tactile\/v1\/demo\/#$/,
    );
    assert.match(lines[1]!, /^decision 1 {2}\w+ +\d+ % .* it was \w+/);
    assert.match(lines[2]!, /^decision 2 {2}/);
    assert.match(lines[3]!, /^2 decisions, \d right, 0 windows dropped; [\d.]+ ms/);
    return /127\.0\.0\.1:(\d+)/.exec(lines[0]!)![1];
  });
  assert.notEqual(ports[0], ports[1]);
  assert.ok(ports.includes(port));
});

test('demo and replay end with 0 at Ctrl-C; demo quietly, when nobody reads on', async (t) => {
  const demo = new Command(t, ['demo', '--speed', '4', '--plain']);
  const replay = new Command(t, ['replay', 'simulator:count=500', '--speed', '4']);
  await Promise.all([demo.line(/^decision 1/), replay.line(/^window 0/)]);
  demo.kill('SIGINT');
  replay.kill('SIGINT');
  const [ended, played] = await Promise.all([demo.finished, replay.finished]);
  assert.equal(ended.code, 0);
  assert.match(ended.stdout, /\n\d+ decisions?, .*\n$/);
  assert.equal(played.code, 0);
  assert.match(played.stdout, /\n\d+ windows? answered\n$/);
  for (const { stderr } of [ended, played]) assertPlain(stderr);
});

describe('replay', () => {
  test('gives every window the label that eval gives it; a capture gives the same as what it was made of', async (t) => {
    const capture = join(folder, 'touch.capture');
    await writeCapture(capture, contactsOf(11, 9));
    const source = 'simulator:seed=11,count=9';
    const [evaluated, simulated, captured, three] = await Promise.all([
      run(t, ['eval', '-m', 'demo', '-d', source, '--json']),
      run(t, ['replay', source, '--json']),
      run(t, ['replay', capture, '--json']),
      run(t, ['replay', capture, '--windows', '3']),
    ]);
    const { windows } = JSON.parse(evaluated.stdout) as { windows: { predicted: string }[] };
    const expected = windows.map(({ predicted }) => predicted);
    assert.equal(expected.length, 9);
    for (const { code, stdout, stderr } of [simulated, captured]) {
      const results = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      assert.equal(code, 0, stderr);
      assert.deepEqual(
        results.map(({ label }) => label),
        expected,
      );
      assert.deepEqual(
        results.map(({ window }) => window),
        [0, 1, 2, 3, 4, 5, 6, 7, 8],
      );
    }
    assert.equal(three.code, 0);
    assert.match(three.stdout, /^(window \d .*\n){3}3 windows answered\n$/);
  });

  test('a damaged capture is an error, after what could be read of it', async (t) => {
    const capture = join(folder, 'damaged.capture');
    await writeCapture(capture, contactsOf(11, 2));
    writeFileSync(capture, Buffer.concat([readFileSync(capture), Buffer.alloc(64, 0xff)]));
    const { code, stdout, stderr } = await run(t, ['replay', capture]);
    assert.equal(code, 1);
    assert.match(stdout, /^window 0 .*\nwindow 1 /);
    assert.match(stderr, /^whorl: .*the capture is damaged/m);
    assertPlain(stderr);
  });
});

describe('train', () => {
  const small = ['--conv', '2', '--hidden', '8', '--bins', '20', '--self-test', '2', '--seed', '3'];

  test('writes a model that inspect passes and eval reads; a recipe makes the same again', async (t) => {
    const out = join(folder, 'tiny.safetensors');
    const again = join(folder, 'again.safetensors');
    const recipe = join(folder, 'recipe.json');
    const data = 'simulator:count=28';
    writeFileSync(
      recipe,
      JSON.stringify({ data, conv: 2, hidden: [8], bins: 20, selfTest: 2, seed: 3, epochs: 1 }),
    );
    const [first, second] = await Promise.all([
      run(t, [
        'train',
        '--data',
        data,
        ...small,
        '--epochs',
        '1',
        '--out',
        out,
        '--test',
        'simulator:seed=9,count=7',
      ]),
      run(t, ['train', '--recipe', recipe, '--out', again]),
    ]);
    assert.equal(first.code, 0, first.stderr);
    assert.match(
      first.stdout,
      /^test {2}[\d.]+ % right \(\d of 7\) on simulator:seed=9,count=7\n[^]*wrote .*tiny\.safetensors\n$/,
    );
    assert.match(first.stderr, /data {2}28 windows of 7 classes from simulator:count=28\n/);
    assert.equal(second.code, 0, second.stderr);
    const [inspected, evaluated, other] = await Promise.all([
      run(t, ['inspect', out]),
      run(t, ['eval', '--model', out, '--data', 'simulator:seed=5,count=7', '--json']),
      run(t, ['inspect', again, '--json']),
    ]);
    assert.equal(inspected.code, 0);
    assert.match(inspected.stdout, /self-test {4}passed, 2 windows\n$/);
    const { total, labels, windows } = JSON.parse(evaluated.stdout) as Record<string, unknown[]>;
    assert.deepEqual([total, labels!.length, windows!.length], [7, 7, 7]);
    const about = JSON.parse(other.stdout) as { selfTest: { ok: boolean }; training: { epochs: number } };
    assert.deepEqual([about.selfTest.ok, about.training.epochs], [true, 1]);
  });

  test('Ctrl-C keeps the best epoch so far', async (t) => {
    const out = join(folder, 'stopped.safetensors');
    const args = ['train', '--data', 'simulator:count=28', ...small, '--epochs', '100000', '--out', out];
    const training = new Command(t, [...args, '--schedule', '1:1']);
    await training.line(/^data {2}28 windows/);
    await new Promise((resolve) => setTimeout(resolve, 400)); // several epochs, of some ms each
    training.kill('SIGINT');
    const { code, stdout, stderr } = await training.finished;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^wrote .*stopped\.safetensors \(stopped early: the best epoch so far\)\n$/);
    assert.ok(existsSync(out));
    assert.equal((await run(t, ['inspect', out])).code, 0);
  });
});

test('run: serves until SIGTERM, then says offline and ends with 0 within 5 s', async (t) => {
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
  assert.equal((await run(t, ['check-config', config])).code, 0);
  const daemon = new Command(t, ['run', '--config', config], { WHORL_LOG_FORMAT: 'json' });
  await daemon.line(/embedded broker listens/);
  const robot = connect(`mqtt://127.0.0.1:${port}`);
  t.after(() => robot.end(true));
  const seen: { topic: string; message: Record<string, unknown> }[] = [];
  const result = new Promise<void>((resolve) => {
    robot.on('message', (topic, payload) => {
      seen.push({ topic, message: JSON.parse(payload.toString()) });
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
