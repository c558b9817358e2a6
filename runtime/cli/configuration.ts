/** How commands come to their configuration: file, environment, flags; every error is told at once. */
import type { Command } from 'commander';
import {
  type Config,
  type ConfigIssue,
  formatIssue,
  type LoadOptions,
  loadConfig,
  type Override,
  type Secrets,
} from '../config/index.js';
import type { ConfigSource } from '../edge/reload.js';
import { CliError, exitCodes } from './exit.js';
import { collect } from './options.js';

export interface ConfigOptions {
  readonly config?: string;
  readonly set?: readonly string[];
}

/** The options that name a configuration. */
export function configOptions(command: Command): Command {
  return command
    .option('-c, --config <file>', 'configuration file (YAML); or the environment variable WHORL_CONFIG')
    .option(
      '-s, --set <key=value>',
      'setting that wins over file and environment; may be given several times',
      collect,
    )
    .addHelpText('after', '\nEvery key can also be set by the environment: WHORL_MQTT_URL=mqtt://robot:1883');
}

/**
 * Loads the configuration; warnings go to standard error. Throws `CliError` (exit code 2) with every error, one a line.
 * @param base settings of the command itself: they win over file and environment, `--set` wins over them
 * @param isTold whether a warning is worth telling
 */
export function loadConfiguration(
  options: ConfigOptions,
  base: readonly Override[] = [],
  isTold: (warning: ConfigIssue) => boolean = () => true,
): Loaded {
  const file = options.config ?? (process.env['WHORL_CONFIG'] || undefined);
  const overrides = [...base, ...(options.set ?? []).map(parseSetting)];
  const from: LoadOptions = { ...(file === undefined ? {} : { file }), env: process.env, overrides };
  const result = loadConfig(from);
  for (const warning of result.warnings.filter(isTold))
    console.error(`warning: ${formatIssue(warning, file)}`);
  if ('errors' in result) throw configurationError(result.errors.map((issue) => formatIssue(issue, file)));
  const { config, secrets, text } = result;
  return { config, secrets, file, source: { ...from, text } };
}

export interface Loaded {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly file: string | undefined;
  readonly source: ConfigSource;
}

/** All that is wrong with a configuration, one a line, as the error that ends the command with exit code 2. */
export function configurationError(faults: readonly string[]): CliError {
  const count = faults.length === 1 ? 'an error' : `${faults.length} errors`;
  return new CliError([`the configuration has ${count}`, ...faults].join('\n'), exitCodes.usage);
}

function parseSetting(setting: string): Override {
  const at = setting.indexOf('=');
  if (at < 1)
    throw new CliError(
      `--set ${setting}: must be key=value, e.g. mqtt.url=mqtt://robot:1883`,
      exitCodes.usage,
    );
  return {
    path: setting.slice(0, at).split('.'),
    value: setting.slice(at + 1),
    source: `--set ${setting.slice(0, at)}`,
  };
}
