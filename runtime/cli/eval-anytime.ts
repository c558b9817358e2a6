/** `whorl eval --anytime`: accuracy during the touch, and a stopping rule for it. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import {
  type AnytimeRecord,
  type Dataset,
  type Executor,
  evaluateAnytime,
  fitCommonStopping,
  fitStopping,
  type Model,
  measureStopping,
  type NetworkSpec,
  publishedPsi,
  seededRandom,
  stratifiedPositions,
  writeModelFile,
} from '../../models/index.js';
import { modelPath } from '../bundled.js';
import { ID_RULE, isId } from '../id.js';
import {
  type AnytimeReport,
  anytimeJson,
  anytimeSvg,
  anytimeText,
  type StoppingResult,
  stoppingFigures,
} from './anytime-report.js';
import { CliError, exitCodes } from './exit.js';
import { integer, number } from './options.js';
import { createProgress } from './progress.js';

export interface AnytimeCliOptions {
  readonly anytime?: true;
  readonly every?: number;
  readonly psi?: number;
  readonly svg?: string;
  /** A share, or one threshold for all classes that costs no accuracy. */
  readonly targetError?: number | 'same';
  readonly hold?: number;
  readonly seed?: number;
  readonly saveStopping?: string;
  readonly modelVersion?: string;
}

const defaults = { every: 1, hold: 8, seed: 1 } as const;

/** Adds them to the command. */
export function anytimeOptions(command: Command): Command {
  const { objects, containers, slip } = publishedPsi;
  return command
    .option('--anytime', 'accuracy during the touch, by the bins seen')
    .option('--every <n>', `bins between two points (default: ${defaults.every})`, integer(1, 65_536))
    .option(
      '--psi <x>',
      `weigh the branches by time; published: ${objects} objects, ${containers} containers, ${slip} slip (default: as the model says)`,
      number(1e-3, 1000),
    )
    .option('--svg <file>', 'write a chart')
    .option(
      '--target-error <e>',
      'fit a stopping rule on one half of the windows, with this share of early decisions wrong, and measure it on the other; "same": one threshold for all classes that costs no accuracy, for few windows of a class',
      shareOrSame,
    )
    .option(
      '--hold <n>',
      `bins for which the rule asks for the same label (default: ${defaults.hold})`,
      integer(1, 65_536),
    )
    .option('--seed <n>', `seed of the halves (default: ${defaults.seed})`, integer(0))
    .option('--save-stopping <file>', 'write the model with this rule, under the version --model-version')
    .option('--model-version <version>', 'version of the model with the rule');
}

/** Parser of `--target-error`. */
function shareOrSame(text: string): number | 'same' {
  if (text === 'same') return text;
  const share = Number(text);
  if (text.trim() === '' || !(share >= 0 && share <= 1))
    throw new InvalidArgumentError('must be a number from 0 to 1, or same.');
  return share;
}

/** Throws `CliError` for options that need others, and for a model that would be written over. */
export function checkAnytimeOptions(
  options: AnytimeCliOptions & { readonly model: string },
  model: Model,
): void {
  const needs = (option: string, given: unknown, other: string, there: unknown): void => {
    if (given !== undefined && there === undefined)
      throw new CliError(`${option} needs ${other} as well`, exitCodes.usage);
  };
  const { anytime, targetError, saveStopping, modelVersion, hold } = options;
  needs('--every', options.every, '--anytime', anytime);
  needs('--psi', options.psi, '--anytime', anytime);
  needs('--svg', options.svg, '--anytime', anytime);
  needs('--target-error', targetError, '--anytime', anytime);
  needs('--hold', hold, '--target-error', targetError);
  needs('--seed', options.seed, '--target-error', targetError);
  needs('--save-stopping', saveStopping, '--target-error', targetError);
  needs('--save-stopping', saveStopping, '--model-version', modelVersion);
  needs('--model-version', modelVersion, '--save-stopping', saveStopping);
  const { bins } = model.spec.input;
  if (hold !== undefined && hold > bins)
    throw new CliError(`--hold ${hold} is more than the ${bins} bins of the window`, exitCodes.usage);
  if (modelVersion !== undefined && !isId(modelVersion))
    throw new CliError(`--model-version ${modelVersion}: ${ID_RULE}`, exitCodes.usage);
  if (saveStopping !== undefined && resolve(saveStopping) === modelPath(options.model))
    throw new CliError(
      `--save-stopping ${saveStopping} is the model itself; name another file`,
      exitCodes.usage,
    );
  if (modelVersion === model.version)
    throw new CliError(
      `--model-version ${modelVersion} is the version that the model has already; give the new one another`,
      exitCodes.usage,
    );
}

/** Measures, and writes what is asked for: text or JSON on standard output, the chart, the model with its rule. */
export async function runAnytime(
  model: Model,
  executor: Executor,
  data: Dataset,
  options: AnytimeCliOptions & { readonly json?: true },
): Promise<void> {
  const { every = defaults.every, psi = model.spec.decision.psi, targetError } = options;
  const total = data.windows.length;
  const progress = createProgress('eval');
  const { curve, records } = await evaluateAnytime(executor, data, {
    every,
    ...(psi === undefined ? {} : { psi }),
    onProgress: (done) => progress.update(done / total, `${done}/${total} windows`),
  });
  progress.end();
  const stopping =
    targetError === undefined ? undefined : fitOnHalf(model.spec, records, targetError, options);
  const report: AnytimeReport = {
    model: { id: model.id, version: model.version, sha256: model.sha256 },
    engine: executor.engine,
    input: model.spec.input,
    labels: model.spec.labels,
    windows: total,
    ...(psi === undefined ? {} : { psi }),
    curve,
    ...(stopping === undefined ? {} : { stopping }),
  };
  if (options.svg !== undefined) await writeFile(options.svg, anytimeSvg(report));
  if (stopping !== undefined) await saveRule(model, psi, stopping, options);
  console.log(
    options.json ? JSON.stringify(anytimeJson(report)) : anytimeText(report, process.stdout.isTTY === true),
  );
}

function fitOnHalf(
  { labels, input }: NetworkSpec,
  records: readonly AnytimeRecord[],
  targetError: number | 'same',
  options: AnytimeCliOptions,
): StoppingResult {
  const { seed = defaults.seed, hold = Math.min(defaults.hold, input.bins) } = options;
  const targets = records.map(({ target }) => target);
  const { rest, held } = stratifiedPositions(targets, 0.5, seededRandom(seed));
  if (rest.length === 0 || held.length === 0)
    throw new CliError(
      `--target-error needs two windows of a class or more, to fit on one half and measure on the other; there are ${records.length} windows`,
    );
  const [fitOn, measureOn] = [rest, held].map((positions) => positions.map((i) => records[i]!));
  const rule =
    targetError === 'same'
      ? fitCommonStopping(fitOn!, labels.length, { holdBins: hold })
      : fitStopping(fitOn!, labels.length, { targetError, holdBins: hold });
  return {
    rule,
    seed,
    fitted: measureStopping(rule, fitOn!),
    measured: measureStopping(rule, measureOn!),
  };
}

/** The thresholds hold for answers weighted as they were when fitted, so that psi goes into the file with them. */
async function saveRule(
  model: Model,
  psi: number | undefined,
  { rule, measured }: StoppingResult,
  { saveStopping, modelVersion }: AnytimeCliOptions,
): Promise<void> {
  if (saveStopping === undefined || modelVersion === undefined) return;
  const { spec, weights, training, metrics, selfTest } = model;
  const decision = { ...spec.decision, ...(psi === undefined ? {} : { psi }), stopping: rule };
  await writeModelFile(saveStopping, {
    ...{ weights, training, selfTest },
    spec: { ...spec, decision },
    version: modelVersion,
    metrics: { ...metrics, stopping: stoppingFigures(measured) },
  });
  process.stderr.write(`wrote ${saveStopping}\n`);
}
