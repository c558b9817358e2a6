import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type Command, Option } from 'commander';
import { missingModel, modelPath } from '../bundled.js';
import { systemClock } from '../clock.js';
import { type Config, ENGINES, type Override } from '../config/index.js';
import { InferenceService, type ModelSource } from '../inference/index.js';
import { createLogging } from '../log/index.js';
import { WindowWorker } from '../scale/index.js';
import { type ConfigOptions, configOptions, loadConfiguration } from './configuration.js';
import { examples } from './examples.js';
import { CliError, exitCodes } from './exit.js';
import { collect, identifier, optionHelp } from './options.js';
import { stopOnSignals } from './signals.js';
import { workBroker } from './work-broker.js';

interface Options extends ConfigOptions {
  readonly broker?: string;
  readonly model?: readonly string[];
  readonly engine: string;
  readonly id?: string;
}

export function define(command: Command): void {
  configOptions(command)
    .option('--broker <url>', 'the broker of the gateway; stands for --set mqtt.url=URL')
    .option('-m, --model <model>', `${optionHelp.model}; may be given several times`, collect)
    .addOption(
      new Option('--engine <name>', 'engine of the models that --model names')
        .choices(ENGINES)
        .default('event'),
    )
    .option('--id <name>', 'name of this worker, unique at its broker (default: by chance)', identifier)
    .addHelpText(
      'after',
      `
Takes windows of gateways (whorl gateway) off a subscription that all workers share, one at a time,
and answers each. Without --model it serves the models of the pipelines in the configuration, which
may be the file of the gateway. Start as many as there are processors to spare, anywhere; each
proves its models first. It needs a broker that speaks MQTT 5. SIGTERM or Ctrl-C: it answers what
it has, and ends within 5 s.`,
    )
    .action(run);
  examples(command, [
    ['whorl worker --broker mqtt://broker:1883 --model demo', 'the bundled model for every gateway there'],
    ['whorl worker --config whorl.yaml', 'the models of all pipelines in the file'],
  ]);
}

async function run(options: Options): Promise<void> {
  const { broker, id = randomBytes(4).toString('hex') } = options;
  const base: Override[] =
    broker === undefined ? [] : [{ path: ['mqtt', 'url'], value: broker, source: '--broker' }];
  const { config, secrets } = loadConfiguration(options, base);
  const target = workBroker(config, secrets);
  const models = modelSources(config, options);
  const logging = createLogging(config.log);
  let fail: (reason: Error) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const log = logging.logger.child({ part: 'worker' });
  const worker = new WindowWorker({
    ...{ id, models, target, baseTopic: config.mqtt.baseTopic, group: config.scale.group },
    ...{ reconnect: config.mqtt.reconnect, random: Math.random, clock: systemClock },
    ...{ service: new InferenceService({ clock: systemClock, log }), log },
    onFailure: (reason) => fail(new CliError(`a model is lost: ${reason}`)),
    onRival: (reason) => {
      if (options.id !== undefined) fail(new CliError(rivalText(id, reason)));
    },
  });
  const stopped = stopOnSignals(() => worker.stop());
  try {
    await worker.start();
    await Promise.race([stopped, failed]);
  } catch (error) {
    await worker.stop();
    throw error;
  } finally {
    logging.flush();
  }
}

function rivalText(id: string, reason: string): string {
  return `${reason}
  does another worker have the --id ${id}? Give each one its own, or none`;
}

/** The models to serve, each once. Throws `CliError` when there are none, or one is not there. */
export function modelSources(
  config: Config,
  { model: named, engine }: Pick<Options, 'model' | 'engine'>,
): ModelSource[] {
  const wanted =
    named?.map((model) => ({ model, engine: { name: engine } })) ??
    Object.values(config.pipelines).filter(({ enabled }) => enabled);
  if (wanted.length === 0)
    throw new CliError(
      'there is no model to serve: name one with --model, or pipelines with --config',
      exitCodes.usage,
    );
  const sources = wanted.map(({ model, engine: choice }) => {
    const missing = missingModel(model);
    if (missing !== undefined) throw new CliError(missing);
    return { path: modelPath(model), engine: choice, costs: config.energy };
  });
  return sources.filter((source, i) => sources.findIndex((other) => isDeepStrictEqual(other, source)) === i);
}
