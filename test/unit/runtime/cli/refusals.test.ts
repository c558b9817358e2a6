/** Commands that cannot do what they are asked, in this process: they say why and what to do, before any work is lost. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, mock, test } from 'node:test';
import { CommanderError } from 'commander';
import { createProgram } from '../../../../runtime/cli/commands.js';
import { errorText, exitCodeOf } from '../../../../runtime/cli/exit.js';
import { writeCapture } from '../../../support/capture.js';
import { withSubcommands } from '../../../support/program.js';
import { temporaryFolder } from '../../../support/small-model.js';

const folder = temporaryFolder();

/** What ends a command: its exit code and what is said. */
async function refusal(...argv: string[]): Promise<{ code: number; text: string }> {
  const progress = mock.method(process.stderr, 'write', () => true);
  const program = await createProgram(argv);
  let text = '';
  for (const command of withSubcommands(program))
    command.configureOutput({
      ...command.configureOutput(),
      writeErr: (part) => {
        text += part;
      },
    });
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return { code: 2, text };
    return { code: exitCodeOf(error), text: errorText(error) };
  } finally {
    progress.mock.restore();
  }
  return assert.fail(`whorl ${argv.join(' ')} did something`);
}

const out = join(folder, 'model.safetensors');
const evaluate = ['eval', '-m', 'demo', '-d', 'simulator:count=1'];
const anytime = [...evaluate, '--anytime'];
const stopping = [...anytime, '--target-error', '0.05'];
const train = ['train', '--data', 'simulator:count=3', '--out', out];

/** `calibrate` of a mat at a port that is not there. */
const mat = ['calibrate', '--port', '/dev/no-such-port', '--driver', 'matrix'];

function withKeys(...keys: string[]): string[] {
  return keys.flatMap((key) => ['--with', key]);
}

/** `models import` of a checkpoint that is not there: options are looked at first. */
function imports(from: string, ...options: string[]): string[] {
  return ['models', 'import', '/no/checkpoint', '--from', from, '--out', out, ...options];
}

/** The path of a new file with this text. */
function fileWith(text: string): string {
  const path = join(mkdtempSync(join(folder, 'file-')), 'list.json');
  writeFileSync(path, text);
  return path;
}

const broker = ['--broker', 'mqtt://localhost:1883'];

const cases: Record<string, readonly (readonly [args: string[], code: number, says: RegExp])[]> = {
  'wrong values of options': [
    [
      ['demo', '--speed', 'fast'],
      2,
      /'fast' is invalid\. must be a number from 0\.1 to 100\.\n'whorl help demo'/,
    ],
    [['replay', 'x', '--windows', '0'], 2, /must be an integer of at least 1/],
    [['eval', '-m', 'demo', '-d', 'simulator', '-e', 'abacus'], 2, /Allowed choices are event/],
    [[...train, '--graph', 'star'], 2, /must be mst, delaunay, knn:<k> or radius:<mm>/],
    [[...train, '--schedule', '40'], 2, /must look like 40:0\.1,80:0\.1/],
    [[...train, '--name', 'my model'], 2, /must be 1 to 64 letters, digits/],
  ],
  'options that are missing or do not go together': [
    [['eval', '--model', 'demo'], 2, /required option '-d, --data <data>' not specified\n'whorl help eval'/],
    [['train', '--out', out], 2, /^whorl: train needs --data/],
    [[...evaluate, '--svg', 'a.svg'], 2, /^whorl: --svg needs --anytime as well$/],
    [[...anytime, '--hold', '3'], 2, /^whorl: --hold needs --target-error as well$/],
    [[...stopping, '--save-stopping', out], 2, /^whorl: --save-stopping needs --model-version as well$/],
    [
      [...stopping, '--save-stopping', out, '--model-version', '1'],
      2,
      /^whorl: --model-version 1 is the version that the model has already/,
    ],
    [[...stopping, '--hold', '51'], 2, /^whorl: --hold 51 is more than the 50 bins of the window$/],
    [['simulate'], 2, /^whorl: simulate needs --to PORT or --listen PORT$/],
    [['simulate', '--to', '/tmp/x', '--listen', '0'], 2, /cannot be used with/],
  ],
  'gateways and workers that could not meet': [
    [
      ['gateway'],
      2,
      /^whorl: gateway and workers need a broker that speaks MQTT 5, .*the embedded one does not: set mqtt\.url/,
    ],
    [['worker', '-m', 'demo'], 2, /the embedded one does not: set mqtt\.url/],
    [['worker', '-m', 'demo', ...broker, '--set', 'mqtt.version=4'], 2, /: set mqtt\.version to 5 or auto$/],
    [['gateway', '--set', 'mqtt.url=mqtt://localhost'], 2, /the configuration has no sensor/],
    [
      ['worker', ...broker],
      2,
      /^whorl: there is no model to serve: name one with --model, or pipelines with --config$/,
    ],
    [['worker', ...broker, '-m', '/no/m'], 1, /^whorl: \/no\/m: no such file; bundled models: .*demo$/],
    [['worker', ...broker, '-m', 'demo', '--id', 'a/b'], 2, /must be 1 to 64 letters, digits/],
    [
      ['worker', '--broker', 'localhost:1883', '-m', 'demo'],
      2,
      /--broker: mqtt\.url: must be 'embedded' or mqtt:\/\//,
    ],
  ],
  'files that are not there': [
    [['eval', '-m', 'demo', '-d', '/no/data'], 1, /^whorl: \/no\/data: no such file or directory$/],
    [['inspect', '/no/m'], 1, /^whorl: \/no\/m: no such file; bundled models: .*demo$/],
    [['replay', 'simulator', '--model', '/no/m'], 1, /^whorl: \/no\/m: no such file; bundled models/],
    [['replay', '/no/zip'], 1, /^whorl: \/no\/zip: no such file or directory$/],
    [
      ['replay', 'simulator', '--geometry', 'pad.json'],
      1,
      /pad\.json: cannot be read .* no built-in geometry: neutouch-a/,
    ],
    [['simulate', '--listen', '0', '-d', '/no/data'], 1, /^whorl: \/no\/data: no such file/],
    [
      ['simulate', '--to', '/dev/no-such-port'],
      1,
      /^whorl: \/dev\/no-such-port is not there: plug the sensor in/,
    ],
    [['train', '--data', '/no/data', '--out', out], 1, /^whorl: \/no\/data: no such file/],
  ],
  configurations: [
    [['run'], 2, /^whorl: the configuration has no sensor: name a file with --config/],
    [['run', '-c', '/no.yaml'], 2, /has an error\n\/no\.yaml: cannot be read/],
    [
      ['check-config', '-s', 'mqtt.keepaliveS=0', '-s', 'log.level=loud'],
      2,
      /has 2 errors\n.*keepaliveS.*\n.*log\.level/,
    ],
    [
      ['check-config', '-s', 'sensors.f.transport.kind=simulator', '-s', 'sensors.f.taxels=7'],
      2,
      /has an error\nsensors\.f\.taxels: is 7, but geometry neutouch-b has 39 taxels$/,
    ],
  ],
  'configurations that are no text': [
    [
      ['check-config', fileWith('ELF\0\n: [')],
      2,
      /an error\n.*:1:4: is no text: it has the control character/,
    ],
    [
      ['doctor', '-c', fileWith('ELF\0\n: [')],
      2,
      /an error\n.*:1:4: is no text: it has the control character/,
    ],
  ],
  calibrations: [
    [['calibrate'], 2, /^whorl: calibrate needs --sensor NAME or --port PORT$/],
    [['calibrate', '--port', '/dev/x'], 2, /^whorl: --port needs --driver as well$/],
    [['calibrate', '--port', '/dev/x', '--driver', 'edvs'], 2, /Allowed choices are matrix, anyskin/],
    [[...mat, '--with', 'rows'], 2, /^whorl: --with rows: must be key=value/],
    [mat, 2, /sensors\.port\.driver\.format: must be .*\n.*rows: is missing.*\n.*columns: is missing/],
    [
      [...mat, ...withKeys('format=flexitac', 'rows=2', 'columns=2')],
      2,
      /^whorl: calibrate needs --out FILE, or sensors\.port\.driver\.calibration in the configuration$/,
    ],
    [
      [...mat, ...withKeys('format=flexitac', 'rows=2', 'columns=2'), '--out', out],
      1,
      /^whorl: port: no frame came: \/dev\/no-such-port is not there: plug the sensor in/,
    ],
    [['calibrate', '--sensor', 'g'], 2, /^whorl: --sensor g: .* no such sensor; it has: none$/],
    [
      ['calibrate', '--sensor', 'f', '-s', 'sensors.f.transport.kind=simulator'],
      2,
      /^whorl: f speaks tef, which sends events: there is nothing to calibrate\. Sensors that send levels: matrix/,
    ],
  ],
  'imports of checkpoints': [
    [imports('yolo'), 2, /Allowed choices are hybrid-lif-gnn, hybrid-srm-fc, tactilesgnet/],
    [imports('hybrid-lif-gnn'), 1, /^whorl: \/no\/checkpoint: no such file or directory$/],
    [imports('tactilesgnet', '--order', 'arch'), 2, /^whorl: --order: tactilesgnet has no location branch$/],
    [imports('tactilesgnet', '--branches', 'time'), 2, /^whorl: --branches: tactilesgnet has one branch$/],
    [imports('hybrid-srm-fc', '--edges', 'x.json'), 2, /^whorl: --edges: hybrid-srm-fc has no graphs$/],
    [imports('hybrid-srm-fc', '--temporal', 'dense'), 2, /^whorl: --temporal: hybrid-srm-fc has no graphs$/],
    [
      imports('hybrid-srm-fc', '--order', 'spiral'),
      2,
      /^whorl: --order: must be row, arch, whorl or a \.json file$/,
    ],
    [
      imports('hybrid-srm-fc', '--order', fileWith('[1, 2]')),
      2,
      /list\.json: must hold each of the numbers 1 to 39 once$/,
    ],
    [
      imports('hybrid-lif-gnn', '--edges', fileWith('[[1, 2, 3]]')),
      2,
      /list\.json: must hold a JSON list of pairs \[from, to\] of rows$/,
    ],
    [
      imports('hybrid-lif-gnn', '--labels', fileWith('{}')),
      2,
      /^whorl: --labels .*list\.json: must hold a JSON list of texts$/,
    ],
    [
      imports('hybrid-lif-gnn', '--labels', '/no/labels.json'),
      2,
      /^whorl: --labels \/no\/labels\.json: ENOENT/,
    ],
    [imports('hybrid-lif-gnn', '--bins', '0'), 2, /must be an integer from 1 to 65536/],
    [imports('hybrid-lif-gnn', '--out', '/no/folder/m'), 1, /^whorl: --out \/no\/folder\/m: the folder/],
  ],
  'accuracy during the touch that cannot be had': [
    [[...anytime, '-e', 'reference'], 1, /^whorl: engine reference answers whole windows only/],
    [stopping, 1, /^whorl: --target-error needs two windows of a class or more.*; there are 1 windows$/],
  ],
  'training that would end in nothing': [
    [
      ['train', '--data', 'simulator', '--out', '/no/folder/m'],
      1,
      /^whorl: --out \/no\/folder\/m: the folder \/no\/folder is not there/,
    ],
    [['train', '--data', 'simulator', '--out', folder], 2, /is a folder; name a file/],
    [[...train, '--order', 'spiral'], 2, /^whorl: --order: .*"spiral"; it has: row, arch, whorl/],
    [[...train, '--temporal', 'dense', '--bins', '1100', '--conv', '1', '--hidden', '2'], 1, /1024/],
    [[...train, '--test', '/no/unseen'], 1, /^whorl: \/no\/unseen: no such file/],
  ],
};

for (const [what, list] of Object.entries(cases)) {
  describe(what, () => {
    for (const [args, code, says] of list)
      test(args.map((arg) => arg.replace(/^.*whorl-test-[^/]+/, '...')).join(' '), async () => {
        const { text, code: found } = await refusal(...args);
        assert.match(text, says);
        assert.equal(found, code);
      });
  });
}

test('a port that is in use', async (t) => {
  const server = createServer();
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  assert.deepEqual(await refusal('simulate', '--listen', String(port)), {
    code: 1,
    text: `whorl: --listen ${port}: the port is in use, choose another`,
  });
});

test('labels that a model file cannot hold are refused before the training', async () => {
  const path = join(folder, `x_label_${'long'.repeat(20)}.capture`);
  await writeCapture(path, []);
  const { text } = await refusal('train', '--data', path, '--out', out);
  assert.match(text, /labels/);
});

test('a recording that is none is named', async () => {
  writeFileSync(join(folder, 'sample_0_label_0.npy'), 'no array');
  const { code, text } = await refusal('simulate', '--listen', '0', '--data', folder);
  assert.equal(code, 1);
  assert.match(text, /sample_0_label_0\.npy: /);
});
