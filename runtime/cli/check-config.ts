import type { Command } from 'commander';
import { configHash } from '../config/index.js';
import { type ConfigOptions, configOptions, loadConfiguration } from './configuration.js';

export function define(command: Command): void {
  configOptions(command)
    .argument('[file]', 'the same as --config')
    .option('--print', 'print the configuration in force, defaults included, as JSON')
    .action(run);
}

function run(argument: string | undefined, options: ConfigOptions & { print?: true }): void {
  const { config, file } = loadConfiguration(
    argument === undefined ? options : { ...options, config: argument },
  );
  if (options.print) {
    console.log(JSON.stringify(config, null, 2));
    return;
  }
  const counts = `${Object.keys(config.sensors).length} sensors, ${Object.keys(config.pipelines).length} pipelines`;
  console.log(
    `${file ?? 'defaults and environment'}: no errors; ${counts}; hash ${configHash(config).slice(0, 12)}`,
  );
}
