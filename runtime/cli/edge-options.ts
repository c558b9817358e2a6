/** Options of commands that talk to a daemon that runs: which edge, at which broker. */
import type { Command } from 'commander';
import { publishTarget, RequestError, type RequestTarget } from '../publish/index.js';
import { type ConfigOptions, configOptions, loadConfiguration } from './configuration.js';
import { CliError } from './exit.js';

export interface EdgeOptions extends ConfigOptions {
  readonly edge?: string;
  readonly broker?: string;
}

/** Adds `--edge` and `--broker` to the options that name a configuration. */
export function edgeOptions(command: Command): Command {
  return configOptions(
    command
      .option('--edge <id>', 'edge to talk to; default: edge.id of the configuration')
      .option('--broker <url>', 'broker of the edge; default: mqtt.url of the configuration'),
  );
}

export interface EdgeTarget {
  readonly edge: string;
  readonly target: RequestTarget;
}

/** The edge and the way to it. User, password and certificates are those of the configuration. */
export function edgeTarget(options: EdgeOptions): EdgeTarget {
  const given = (path: string[], value: string | undefined, source: string) =>
    value === undefined ? [] : [{ path, value, source }];
  const { config, secrets } = loadConfiguration(options, [
    ...given(['edge', 'id'], options.edge, '--edge'),
    ...given(['mqtt', 'url'], options.broker, '--broker'),
  ]);
  const { mqtt, broker, edge } = config;
  const embedded = `mqtt://${broker.host.includes(':') ? `[${broker.host}]` : broker.host}:${broker.port}`;
  return {
    edge: edge.id,
    target: { ...publishTarget(mqtt, secrets, embedded), baseTopic: mqtt.baseTopic },
  };
}

/**
 * For `catch`: when no answer came, an error that also says who was asked, and how another is named; any other error as it is.
 * @param elsewhere what else can be named, e.g. `, or a folder with --store`
 */
export function unanswered({ edge, target }: EdgeTarget, elsewhere = ''): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof RequestError)) throw error;
    throw new CliError(`${error.message}
  asked was edge '${edge}' at ${target.target.url}: is 'whorl run' up there? 'whorl doctor' looks at the broker
  another is named with --edge and --broker, or with --config and the file of that edge${elsewhere}`);
  };
}
