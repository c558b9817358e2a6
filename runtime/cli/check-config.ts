import type { Command } from 'commander';
import { missingModel } from '../bundled.js';
import { type Config, configHash, migratedFile, storeModel, writeConfigFile } from '../config/index.js';
import { placeFault, placesOf } from '../doctor/folders.js';
import { disk } from '../durable/index.js';
import { planPipelines } from '../edge/pipelines.js';
import { planSensor, type SensorPlan } from '../sensors.js';
import { type ConfigOptions, configOptions, configurationError, loadConfiguration } from './configuration.js';
import { examples } from './examples.js';
import { CliError, exitCodes } from './exit.js';

export function define(command: Command): void {
  configOptions(command)
    .argument('[file]', 'the same as --config')
    .option('--print', 'print the configuration in force, defaults included, as JSON')
    .option('--migrate', 'write the file in the layout of this version; the one before is kept as FILE.bak')
    .action(run);
  examples(command, [
    [
      'whorl check-config whorl.yaml',
      'every error with its line; what is missing on this machine is a warning',
    ],
    ['whorl check-config --migrate whorl.yaml', 'keys that have got another name are written with it'],
    ['whorl check-config whorl.yaml --set mqtt.url=mqtts://robot:8883 --print', 'what would be in force'],
  ]);
}

async function run(
  argument: string | undefined,
  options: ConfigOptions & { readonly print?: true; readonly migrate?: true },
): Promise<void> {
  const { config, file, source } = loadConfiguration(
    argument === undefined ? options : { ...options, config: argument },
    [],
    ({ former }) => !(options.migrate && former),
  );
  if (options.migrate) {
    await migrate(file, source.text);
    return;
  }
  for (const warning of await checkFiles(config)) console.error(`warning: ${warning}`);
  if (options.print) {
    console.log(JSON.stringify(config, null, 2));
    return;
  }
  const counts = `${count(config.sensors, 'sensor')}, ${count(config.pipelines, 'pipeline')}`;
  console.log(
    `${file ?? 'defaults and environment'}: no errors; ${counts}; hash ${configHash(config).slice(0, 12)}`,
  );
}

/** Only for a file without errors: what is in force is the same afterwards. */
async function migrate(file: string | undefined, before: string): Promise<void> {
  if (file === undefined) throw new CliError('--migrate needs a configuration file', exitCodes.usage);
  const after = migratedFile(before);
  if (after === undefined) {
    console.log(`${file}: has the layout of this version`);
    return;
  }
  const kept = await writeConfigFile(disk, { file, before, after, keep: true });
  console.log(`${file}: written in the layout of this version; the file before is ${kept}`);
}

/**
 * Looks at the files and folders that the configuration names: returns what would not work on this machine, which may not
 * be the one that the file is for. Throws `CliError` for geometries with which the daemon would not start.
 */
async function checkFiles(config: Config): Promise<string[]> {
  const sensors: SensorPlan[] = [];
  const faults: string[] = [];
  for (const [name, sensor] of Object.entries(config.sensors)) {
    try {
      if (sensor.enabled) sensors.push(await planSensor(name, sensor));
    } catch (error) {
      faults.push((error as Error).message);
    }
  }
  if (faults.length > 0) throw configurationError(faults);
  const { refused } = planPipelines(config, sensors);
  return [
    ...[...refused].map(([name, reason]) => `pipelines.${name}: ${reason}`),
    ...absentModels(config),
    ...(await unusableFolders(config)),
  ];
}

function absentModels({ pipelines }: Config): string[] {
  return Object.entries(pipelines).flatMap(([name, { enabled, model }]) => {
    const missing = enabled && model !== storeModel ? missingModel(model) : undefined;
    return missing === undefined
      ? []
      : [`pipelines.${name}.model: ${missing}; put the file there, or correct the name`];
  });
}

async function unusableFolders(config: Config): Promise<string[]> {
  const faults = await Promise.all(
    placesOf(config).map(async (place) => ({ ...place, fault: await placeFault(place) })),
  );
  return faults.flatMap(({ key, fault }) =>
    fault === undefined ? [] : [`${key}: ${fault.reason}; ${fault.remedy}`],
  );
}

function count(record: object, name: string): string {
  const { length } = Object.keys(record);
  return `${length} ${name}${length === 1 ? '' : 's'}`;
}
