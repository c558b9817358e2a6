import type { Command } from 'commander';
import { planePositions, readGeometry } from '../../devices/index.js';
import {
  type Dataset,
  engineByName,
  evaluate,
  initialWeights,
  type Model,
  makeSelfTest,
  meanStep,
  type NetworkSpec,
  readModel,
  seededRandom,
  shuffle,
  type TrainingResult,
  train,
  writeModel,
  writeModelFile,
} from '../../models/index.js';
import { readDataset, readDatasetFor, windowing } from '../dataset/source.js';
import { version } from '../version.js';
import { confusionTable } from './evaluation.js';
import { examples } from './examples.js';
import { CliError, exitCodes } from './exit.js';
import { chosenOrder, readOrder } from './location-order.js';
import { checkWritable } from './output-file.js';
import { createProgress, duration } from './progress.js';
import { applyRecipe } from './recipe.js';
import { type TrainOptions, trainOptions } from './train-options.js';
import { publishedText, settingsOf, type TrainSettings } from './train-settings.js';
import { buildSpec, schedule } from './train-spec.js';

export function define(command: Command): void {
  trainOptions(command)
    .addHelpText('after', '\nCtrl-C ends the training and writes the best epoch so far.')
    .action(run);
  examples(command, [
    ['whorl train --data simulator:seed=1,count=280 --learning-rate 0.002 --epochs 5', 'simulated touch'],
    [
      'whorl train --network hybrid-lif-slip --data simulator:task=slip,fingers=2 --epochs 25',
      'does the object slip? Two fingers, windows of 150 ms',
    ],
    [
      'whorl train --data recordings.zip --order whorl --test unseen.zip',
      'your recordings, tested on others',
    ],
    ['whorl train --recipe models/bundled/demo.recipe.json --seed 2', 'a recipe; the command line wins'],
  ]);
}

async function run(_: unknown, command: Command): Promise<void> {
  await applyRecipe(command);
  const options = command.opts<TrainOptions>();
  const settings = settingsOf(options);
  const source = options.data;
  if (source === undefined)
    throw new CliError('train needs --data; `whorl help train` tells what it may be', exitCodes.usage);
  await checkWritable(options.out);
  const geometry = await readGeometry(options.geometry);
  const orderName = settings.order ?? 'row';
  const order = await readOrder(orderName, geometry); // before the data, which may take long to read
  const reading = createProgress('data ');
  const data = await readDataset(source, {
    ...(options.bins === undefined ? {} : { bins: options.bins }),
    ...(options.binMs === undefined ? {} : { binUs: Math.round(options.binMs * 1000) }),
    geometry,
    onProgress: (done) => reading.update(done, source),
  });
  reading.end(`data  ${data.windows.length} windows of ${data.labels.length} classes from ${source}`);
  const chosen = chosenOrder(orderName, order, data);
  const spec = buildSpec(settings, geometry, data, chosen.order);
  checkReadable(spec, settings);
  const path =
    settings.order === undefined
      ? undefined
      : { name: chosen.name, meanStepMm: meanStep(chosen.order, planePositions(geometry)) };
  if (chosen.note !== undefined) console.error(`order ${settings.order}: ${chosen.note}`);
  tell(options, path);
  const unseen =
    options.test === undefined ? undefined : await readDatasetFor(options.test, spec, { geometry });
  const result = await trainWithProgress(spec, data, settings);
  if (result.history.length === 0)
    throw new CliError('stopped before the first epoch was complete; nothing was written');
  const calibrated = withTemperature(spec, result, settings);
  const { test, metrics } = await measure(calibrated, result, settings, unseen);
  const training = { window: windowing(source), ...(path === undefined ? {} : { order: path }) };
  const model = { ...(await finish(calibrated, result, data, settings, training)), metrics };
  await writeModelFile(options.out, model);
  if (test !== undefined) console.log(test);
  console.log(`wrote ${options.out}${result.stopped ? ' (stopped early: the best epoch so far)' : ''}`);
}

/** Says what was not given and is the network's own, and how smooth a path over the pad the location order is. */
function tell(options: TrainOptions, order: { name: string; meanStepMm: number } | undefined): void {
  console.error(`net   ${options.network}; as published: ${publishedText(options)}`);
  if (order !== undefined)
    console.error(`order ${order.name}, ${order.meanStepMm.toFixed(2)} mm from taxel to taxel on average`);
}

/** Hours of training must not end in a file that cannot be read: the limits of the format hold for labels, sizes and bins. Throws `NetworkError`. */
function checkReadable(spec: NetworkSpec, { modelVersion, name }: TrainSettings): void {
  const content = { version: modelVersion, training: {}, metrics: {}, selfTest: [] };
  readModel(writeModel({ spec, weights: initialWeights(spec, 0), ...content }), name);
}

/** Runs the training with a progress line; Ctrl-C ends it after the present batch and keeps the best epoch. */
async function trainWithProgress(
  spec: NetworkSpec,
  data: Dataset,
  options: TrainSettings,
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
      loss: { name: options.loss },
      optimiser: {
        kind: options.optimiser,
        learningRate: options.learningRate,
        weightDecay: options.weightDecay,
        ...(options.amsgrad === undefined ? {} : { amsgrad: options.amsgrad }),
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

/** The spec with the temperature that fits the held-out windows, where that was asked for. */
function withTemperature(
  spec: NetworkSpec,
  { temperature }: TrainingResult,
  options: TrainSettings,
): NetworkSpec {
  if (options.temperature !== 'fit') return spec;
  if (temperature === undefined) {
    console.error(
      'train temperature as published: there are too few held-out windows to fit one (20 or more)',
    );
    return spec;
  }
  const rounded = Number(temperature.toPrecision(3));
  console.error(
    `train temperature ${rounded}, fitted on whole held-out windows; to decide early, fit a stopping rule as well (whorl eval --anytime)`,
  );
  return { ...spec, decision: { ...spec.decision, temperature: rounded } };
}

async function measure(
  spec: NetworkSpec,
  { weights, best }: TrainingResult,
  options: TrainSettings,
  data: Dataset | undefined,
): Promise<{ test?: string; metrics: Model['metrics'] }> {
  const metrics = {
    trainLoss: best.loss,
    trainAccuracy: best.accuracy,
    ...(best.validation === undefined ? {} : { validationAccuracy: best.validation }),
  };
  if (data === undefined) return { metrics };
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
  options: TrainSettings,
  training: Model['training'],
) {
  const positions = shuffle(Array.from(data.windows.keys()), seededRandom(options.seed)).slice(
    0,
    options.selfTest,
  );
  const windows = positions.map((i) => data.windows[i]!);
  const { out: _, recipe: __, ...settings } = options;
  return {
    spec,
    weights,
    version: options.modelVersion,
    training: {
      whorl: version,
      windows: data.windows.length,
      ...training,
      epochs: history.length,
      bestEpoch: best.epoch + 1,
      options: JSON.parse(
        JSON.stringify({ ...settings, bins: data.input.bins, binMs: data.input.binUs / 1000 }),
      ),
    },
    selfTest: await makeSelfTest(await engineByName('reference').compile({ spec, weights }), windows),
  };
}
