import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import { neutouchB, parseGeometry, planePositions } from '../../../../devices/index.js';
import {
  type Dataset,
  type NetworkSpec,
  PUBLISHED_NAMES,
  publishedNetwork,
} from '../../../../models/index.js';
import { CliError, exitCodes } from '../../../../runtime/cli/exit.js';
import { applyRecipe } from '../../../../runtime/cli/recipe.js';
import { type TrainOptions, trainOptions } from '../../../../runtime/cli/train-options.js';
import { publishedText, settingsOf } from '../../../../runtime/cli/train-settings.js';
import { buildSpec, schedule, scheduleText, taxelGraph } from '../../../../runtime/cli/train-spec.js';
import { temporaryFolder } from '../../../support/small-model.js';

const folder = temporaryFolder();
let files = 0;

/** The options of `whorl train` for a recipe and a command line. */
async function optionsOf(recipe: unknown, argv: readonly string[] = []): Promise<TrainOptions> {
  const file = join(folder, `recipe-${files++}.json`);
  writeFileSync(file, typeof recipe === 'string' ? recipe : JSON.stringify(recipe));
  const command = trainOptions(new Command('train'));
  command.exitOverride().configureOutput({ writeErr: () => {} });
  command.parse(['--recipe', file, ...argv], { from: 'user' });
  await applyRecipe(command);
  return command.opts<TrainOptions>();
}

async function refuses(recipe: unknown, ...messages: RegExp[]): Promise<void> {
  await assert.rejects(optionsOf(recipe), (error: unknown) => {
    assert.ok(error instanceof CliError);
    assert.equal(error.exitCode, exitCodes.usage);
    for (const message of messages) assert.match(error.message, message);
    return true;
  });
}

test('a recipe fills what the command line leaves out, through the same checks', async () => {
  const recipe = {
    data: 'simulator',
    epochs: 3,
    hidden: [16, 8],
    learningRate: 0.01,
    amsgrad: false,
    loss: 'cross-entropy',
    schedule: '2:0.1',
    name: 'grip',
  };
  const options = await optionsOf(recipe, ['--epochs', '5']);
  assert.equal(options.epochs, 5);
  assert.deepEqual(options.hidden, [16, 8]);
  assert.equal(options.learningRate, 0.01);
  assert.equal(options.amsgrad, false);
  assert.equal(options.loss, 'cross-entropy');
  assert.equal(options.schedule, '2:0.1');
  assert.equal(options.name, 'grip');
  assert.equal(options.batch, undefined, 'what neither names is left to the network');
  assert.deepEqual((await optionsOf({ hidden: '64' })).hidden, [64]);
  assert.deepEqual((await optionsOf({ hidden: [] })).hidden, []);
});

test('the command line wins, whichever side says no to a flag', async () => {
  assert.equal((await optionsOf({ amsgrad: true }, ['--no-amsgrad'])).amsgrad, false);
  assert.equal((await optionsOf({ amsgrad: false }, ['--amsgrad'])).amsgrad, true);
  assert.equal(
    (await optionsOf({ epochs: 7 }, ['--epochs', '20'])).epochs,
    20,
    'also with the default itself',
  );
});

test('unknown options and bad values are refused, all at once, with the file and the key', async () => {
  await refuses(
    { epoch: 3, batch: 0 },
    /"epoch" is no option of train/,
    /"batch": must be an integer from 1 to 65536/,
  );
  await refuses({ recipe: 'other.json' }, /"recipe" is no option/);
  await refuses({ loss: 'hinge' }, /"loss": Allowed choices are mse, cross-entropy, num-spikes/);
  await refuses({ network: 'gnn' }, /"network": Allowed choices are hybrid-lif-gnn, tactilesgnet/);
  await refuses({ epochs: true }, /"epochs": must be a text, a number/);
  await refuses({ name: { first: 'x' } }, /"name": must be a text/);
  await refuses({ data: null }, /"data": must be a text/);
  await refuses({ amsgrad: 'no' }, /"amsgrad": must be true or false/);
  await refuses({ graph: 'star' }, /"graph": must be mst, delaunay/);
  await refuses({ name: 'my model' }, /"name": must be 1 to 64 letters/);
});

test('a file that is no recipe is refused with its name', async () => {
  await refuses('{"epochs": ', /recipe .*recipe-\d+\.json: /);
  await refuses([1], /not a JSON object/);
  const command = trainOptions(new Command('train')).parse(['--recipe', '/no/recipe'], { from: 'user' });
  await assert.rejects(applyRecipe(command), /recipe \/no\/recipe: ENOENT/);
});

const line = [0, 1, 2, 4].map((x) => [x, 0] as const);
const data: Dataset = {
  input: { taxels: 39, channels: 4, bins: 25, binUs: 20_000 },
  labels: ['press', 'slip'],
  windows: [],
  targets: [],
  names: [],
};

function options(...argv: string[]): TrainOptions {
  return trainOptions(new Command('train')).parse(argv, { from: 'user' }).opts<TrainOptions>();
}

test('the graph of the taxels is the one that was named', () => {
  const undirected = (graph: string): string[] =>
    taxelGraph(graph, line)
      .filter(([a, b]) => a < b)
      .map((edge) => edge.join('-'));
  assert.deepEqual(undirected('mst'), ['0-1', '1-2', '2-3']);
  assert.deepEqual(undirected('delaunay'), ['0-1', '1-2', '2-3']);
  assert.deepEqual(undirected('knn:2'), ['0-1', '0-2', '1-2', '1-3', '2-3']);
  assert.deepEqual(undirected('radius:1'), ['0-1', '1-2']);
  assert.deepEqual(undirected('radius:2.5'), ['0-1', '0-2', '1-2', '2-3']);
});

test('a graph that is none is refused', () => {
  for (const graph of [
    '',
    'knn',
    'knn:',
    'knn:0',
    'knn:1.5',
    'knn:x',
    'knn:2:3',
    'radius:',
    'radius:-1',
    'radius:NaN',
    'MST',
  ])
    assert.throws(() => taxelGraph(graph, line), /must be mst, delaunay, knn:<k> or radius:<mm>/, graph);
});

test('a schedule is factors by epoch; what is none is refused', () => {
  assert.deepEqual(schedule('40:0.1,80:1e-2'), { 40: 0.1, 80: 0.01 });
  assert.deepEqual(schedule(''), {});
  assert.equal(scheduleText({ 40: 0.1, 80: 0.01 }), '40:0.1,80:0.01');
  for (const text of [
    '40',
    '40:',
    '40:0',
    '40:-1',
    '-1:0.5',
    'x:0.1',
    '40:0.1:2',
    '1.5:1',
    '40:Infinity',
    '40;0.1',
  ])
    assert.throws(() => schedule(text), /must look like 40:0\.1,80:0\.1/, text);
});

const rows = neutouchB.orders['row']!;

function spec(...argv: string[]): NetworkSpec {
  return buildSpec(settingsOf(options(...argv)), neutouchB, data, rows);
}

test('the network is the one that the options and the data describe', () => {
  const argv = ['--conv', '5', '--hops', '2', '--hidden', '16', '--temporal', 'dense', '--psi', '3'];
  const settings = settingsOf(options(...argv, '--temperature', '0.3', '--name', 'grip'));
  const built = buildSpec(settings, neutouchB, data, neutouchB.orders['whorl']!);
  assert.equal(built.name, 'grip');
  assert.deepEqual(built.input, data.input);
  assert.deepEqual(built.labels, data.labels);
  assert.deepEqual(built.decision, { fusion: 'mean', temperature: 0.3, psi: 3 });
  assert.deepEqual(built.location?.order, neutouchB.orders['whorl']);
  const [conv, hidden, output] = built.time!.layers;
  assert.ok(conv?.kind === 'tagconv' && conv.graph.kind === 'edges');
  assert.deepEqual([conv.hops, conv.inputs, conv.outputs], [2, 4, 5]);
  assert.deepEqual(conv.graph.edges, taxelGraph('mst', planePositions(neutouchB)));
  assert.deepEqual(hidden, { kind: 'dense', inputs: 39 * 5, outputs: 16 });
  assert.deepEqual(output, { kind: 'dense', inputs: 16, outputs: 2 });
  const [bins] = built.location!.layers;
  assert.equal(bins?.kind === 'tagconv' && bins.graph.kind, 'causal-complete');
});

test('every published network can be named, and takes its own sizes and temperature', () => {
  for (const name of PUBLISHED_NAMES) {
    const { branches, neuron, hidden } = publishedNetwork(name);
    const built = spec('--network', name);
    assert.equal(built.location !== undefined, branches !== 'time', name);
    assert.equal(built.time !== undefined, branches !== 'location', name);
    assert.equal(built.decision.temperature, neuron === 'srm' ? 0.02 : 0.1, name);
    const { layers } = (built.time ?? built.location)!;
    assert.equal(layers.length, hidden.length + (neuron === 'srm' ? 1 : 2), name);
  }
  assert.equal(spec('--network', 'hybrid-srm-fc').decision.psi, 10);
  assert.equal(spec('--network', 'hybrid-srm-fc', '--psi', '0').decision.psi, 0);
  assert.equal(spec('--network', 'tactile-snn', '--temperature', '0.5').decision.temperature, 0.5);
  assert.deepEqual(spec('--network', 'tactilesgnet', '--hidden', '').time!.layers.length, 2);
});

test('what is not given is as published, and is told; what is given is kept', () => {
  const given = options('--network', 'hybrid-srm-fc', '--epochs', '9', '--learning-rate', '0.01');
  const { network, hidden, psi, loss, optimiser, amsgrad, learningRate, weightDecay, batch, epochs } =
    settingsOf(given);
  assert.deepEqual(
    [network, hidden, psi, loss, optimiser, amsgrad, learningRate, weightDecay, batch, epochs],
    ['hybrid-srm-fc', [32], 10, 'num-spikes', 'rmsprop', undefined, 0.01, 0.5, 8, 9],
  );
  assert.equal(
    publishedText(given),
    'order row, hidden 32, psi 10, loss num-spikes, optimiser rmsprop, weight decay 0.5, batch 8',
  );
  const lif = settingsOf(options());
  assert.deepEqual(
    [lif.network, lif.graph, lif.temporal, lif.order],
    ['hybrid-lif-gnn', 'mst', 'sparse', 'row'],
  );
  assert.deepEqual([lif.amsgrad, lif.epochs, lif.schedule], [true, 150, '40:0.1']);
  assert.equal(settingsOf(options('--no-amsgrad')).amsgrad, false);
  assert.equal(settingsOf(options('--network', 'tactile-snn', '--optimiser', 'adam')).amsgrad, false);
  const slip = settingsOf(options('--network', 'hybrid-lif-slip', '--schedule', ''));
  assert.deepEqual([slip.hidden, slip.learningRate, slip.schedule], [[], 0.005, '']);
});

test('options that make no sense for the network are refused, all at once', () => {
  const srm = ['--network', 'hybrid-srm-fused', '--conv', '4', '--graph', 'mst', '--psi', '2', '--amsgrad'];
  assert.throws(() => settingsOf(options(...srm)), {
    exitCode: 2,
    message: `--conv is not for hybrid-srm-fused: its layers are fully connected
--graph is not for hybrid-srm-fused: its layers are fully connected
--psi is not for hybrid-srm-fused: its last layer decides for both branches
--amsgrad is for adam and adamw, not rmsprop`,
  });
  for (const [argv, message] of [
    ['--network tactile-snn --order whorl', /--order is not for tactile-snn: it has no location branch/],
    ['--network tactilesgnet --temporal dense', /--temporal is not for tactilesgnet: it has no location/],
    ['--network location-lif --graph mst', /--graph is not for location-lif: it has no time branch/],
    ['--network location-srm --hops 1', /--hops is not for location-srm: its layers are fully connected/],
  ] as const)
    assert.throws(() => settingsOf(options(...argv.split(' '))), { exitCode: 2, message });
});

test('a geometry of another size is wrong usage, and says so', () => {
  const pad = parseGeometry({ id: 'pad', grid: { rows: 4, cols: 4, pitch: [2, 2] } });
  assert.throws(() => buildSpec(settingsOf(options()), pad, data, rows), {
    exitCode: 2,
    message: /geometry pad has 16 taxels, the data has 39: name another with --geometry/,
  });
});
