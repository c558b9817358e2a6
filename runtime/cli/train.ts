import { type Command, Option } from 'commander';
import { readGeometry } from '../../devices/index.js';
import {
  type Dataset,
  engineByName,
  evaluate,
  type Model,
  makeSelfTest,
  type NetworkSpec,
  seededRandom,
  shuffle,
  type TrainingResult,
  train,
  writeModelFile,
} from '../../models/index.js';

import { dataHelp, datasetPolicy, readDataset, readDatasetFor } from '../dataset/source.js';
import { version } from '../version.js';
import { confusionTable } from './evaluation.js';
import { CliError, exitCodes } from './exit.js';
import { integer, integers, number } from './options.js';
import { createProgress, duration } from './progress.js';
import { applyRecipe } from './recipe.js';
import { buildSpec, schedule } from './train-spec.js';

export interface TrainOptions {
  readonly data?: string;
  readonly test?: string;
  readonly out: string;
  readonly name: string;
  readonly modelVersion: string;
  readonly bins: number;
  readonly binMs: number;
  readonly geometry: string;
  readonly graph: string;
  readonly order: string;
  readonly temporal: 'sparse' | 'dense';
  readonly branches: 'both' | 'time' | 'location';
  readonly conv: number;
  readonly hops: number;
  readonly hidden: number[];
  readonly epochs: number;
  readonly batch: number;
  readonly loss: 'mse' | 'cross-entropy';
  readonly optimiser: 'adam' | 'adamw';
  readonly amsgrad: boolean;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly schedule: string;
  readonly validation: number;
  readonly temperature: number;
  readonly seed: number;
  readonly selfTest: number;
}

export function define(command: Command): void {
  command
    .option(
      '-r, --recipe <file>',
      'JSON file of these options by their long names; what stands on the command line wins',
    )
    .option('-d, --data <data>', dataHelp)
    .option('--test <data>', 'data to measure the finished model on, kept out of training')
    .option('-o, --out <file>', 'model file to write', 'model.safetensors')
    .option('--name <name>', 'name of the model', 'model')
    .option('--model-version <version>', 'version of the model', '1')
    .option('--bins <n>', 'bins of a window (simulator and captures)', integer(1, 65_536), 50)
    .option('--bin-ms <ms>', 'length of a bin', number(0.001, 60_000), 20)
    .option('--geometry <name>', 'built-in geometry or JSON file: where the taxels lie', 'neutouch-b')
    .option('--graph <graph>', 'taxel graph: mst, delaunay, knn:<k> or radius:<mm>', 'mst')
    .option(
      '--order <order>',
      'order in which the location branch visits the taxels: one of the geometry',
      'row',
    )
    .addOption(
      new Option('--temporal <graph>', 'graph over the bins').choices(['sparse', 'dense']).default('sparse'),
    )
    .addOption(
      new Option('--branches <branches>', 'branches of the network')
        .choices(['both', 'time', 'location'])
        .default('both'),
    )
    .option('--conv <n>', 'channels of the graph convolutions', integer(1, 4096), 64)
    .option('--hops <n>', 'hops of the graph convolutions', integer(0, 16), 3)
    .option(
      '--hidden <widths>',
      'widths of the dense layers in between, e.g. 128,256',
      integers(1),
      [128, 256],
    )
    .option('--epochs <n>', 'passes over the data', integer(1, 100_000), 20)
    .option('--batch <n>', 'windows an update', integer(1, 65_536), 8)
    .addOption(
      new Option('--loss <loss>', 'loss on the output rates')
        .choices(['mse', 'cross-entropy'])
        .default('mse'),
    )
    .addOption(new Option('--optimiser <optimiser>', 'optimiser').choices(['adam', 'adamw']).default('adam'))
    .option('--no-amsgrad', 'without the AMSGrad maximum of second moments')
    .option('--learning-rate <rate>', 'learning rate', number(0, 10), 1e-3)
    .option('--weight-decay <rate>', 'weight decay', number(0, 10), 0)
    .option('--schedule <steps>', 'factors on the learning rate, e.g. 40:0.1,80:0.1', '')
    .option(
      '--validation <share>',
      'share of every class held out to choose the best epoch',
      number(0, 0.9),
      0.1,
    )
    .option('--temperature <t>', 'scores are softmax(rate / temperature)', number(1e-3, 1000), 0.1)
    .option('--seed <n>', 'seed of weights, split and order', integer(0), 1)
    .option('--self-test <n>', 'windows that the file carries with their expected counts', integer(0, 64), 8)
    .action(run);
}

async function run(_: unknown, command: Command): Promise<void> {
  await applyRecipe(command);
  const options = command.opts<TrainOptions>();
  if (options.data === undefined)
    throw new CliError('train needs --data; `whorl help train` tells what it may be', exitCodes.usage);
  const geometry = await readGeometry(options.geometry);
  const reading = createProgress('data ');
  const data = await readDataset(options.data, {
    bins: options.bins,
    binUs: options.binMs * 1000,
    geometry,
    onProgress: (done) => reading.update(done, options.data!),
  });
  reading.end(`data  ${data.windows.length} windows of ${data.labels.length} classes from ${options.data}`);
  const spec = buildSpec(options, geometry, data);
  const result = await trainWithProgress(spec, data, options);
  if (result.history.length === 0)
    throw new CliError('stopped before the first epoch was complete; nothing was written');
  const { test, metrics } = await measure(spec, result, options);
  const model = { ...(await finish(spec, result, data, options)), metrics };
  await writeModelFile(options.out, model);
  if (test !== undefined) console.log(test);
  console.log(`wrote ${options.out}${result.stopped ? ' (stopped early: the best epoch so far)' : ''}`);
}

/** Runs the training with a progress line; Ctrl-C ends it after the present batch and keeps the best epoch. */
async function trainWithProgress(
  spec: NetworkSpec,
  data: Dataset,
  options: TrainOptions,
): Promise<TrainingResult> {
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once('SIGINT', interrupt);
  const progress = createProgress('train', { plainStep: 0.05 });
  const started = performance.now();
  try {
    const result = await train(spec, data, {
      epochs: options.epochs,
      batchSize: options.batch,
      loss: options.loss,
      optimiser: {
        kind: options.optimiser,
        learningRate: options.learningRate,
        weightDecay: options.weightDecay,
        amsgrad: options.amsgrad,
      },
      schedule: schedule(options.schedule),
      seed: options.seed,
      validation: options.validation,
      signal: stop.signal,
      onProgress: ({ epoch, epochs, done, windows, loss, accuracy, history }) => {
        const validation = history.at(-1)?.validation;
        const held = validation === undefined ? '' : `, held out ${(100 * validation).toFixed(1)} %`;
        progress.update(
          (epoch + done / windows) / epochs,
          `epoch ${epoch + 1}/${epochs}  loss ${loss.toFixed(4)}, right ${(100 * accuracy).toFixed(1)} %${held}`,
        );
      },
    });
    const { best } = result;
    const validation =
      best.validation === undefined
        ? ''
        : `, ${(100 * best.validation).toFixed(1)} % of the held-out windows right`;
    progress.end(
      `train ${result.history.length} epochs in ${duration(performance.now() - started)}; best is epoch ${best.epoch + 1}: loss ${best.loss.toFixed(4)}${validation}`,
    );
    return result;
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}

async function measure(
  spec: NetworkSpec,
  { weights, best }: TrainingResult,
  options: TrainOptions,
): Promise<{ test?: string; metrics: Model['metrics'] }> {
  const metrics = {
    trainLoss: best.loss,
    trainAccuracy: best.accuracy,
    ...(best.validation === undefined ? {} : { validationAccuracy: best.validation }),
  };
  if (options.test === undefined) return { metrics };
  const data = await readDatasetFor(options.test, spec, { geometry: await readGeometry(options.geometry) });
  const { accuracy, correct, total, confusion } = await evaluate(
    await engineByName('event').compile({ spec, weights }),
    data,
  );
  const text = `test  ${(100 * accuracy).toFixed(2)} % right (${correct} of ${total}) on ${options.test}\n\n${confusionTable(spec.labels, confusion)}\n`;
  return { test: text, metrics: { ...metrics, testAccuracy: accuracy, testWindows: total } };
}

/** The model without its metrics; the self-test is what the reference engine says about windows of the training data. */
async function finish(
  spec: NetworkSpec,
  { weights, best, history }: TrainingResult,
  data: Dataset,
  options: TrainOptions,
) {
  const positions = shuffle(Array.from(data.windows.keys()), seededRandom(options.seed)).slice(
    0,
    options.selfTest,
  );
  const windows = positions.map((i) => data.windows[i]!);
  const { out: _, recipe, ...settings } = options as TrainOptions & { recipe?: string };
  return {
    spec,
    weights,
    version: options.modelVersion,
    training: {
      whorl: version,
      windows: data.windows.length,
      window: { ...datasetPolicy },
      epochs: history.length,
      bestEpoch: best.epoch + 1,
      options: JSON.parse(JSON.stringify(settings)),
    },
    selfTest: await makeSelfTest(await engineByName('reference').compile({ spec, weights }), windows),
  };
}
