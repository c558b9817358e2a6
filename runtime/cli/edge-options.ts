/** Options of commands that talk to a daemon that runs: which edge, at which broker. */
import type { Command } from 'commander';
import { publishTarget, type RequestTarget } from '../publish/index.js';
import { type ConfigOptions, configOptions, loadConfiguration } from './configuration.js';

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

/** The edge and the way to it. User, password and certificates are those of the configuration. */
export function edgeTarget(options: EdgeOptions): { readonly edge: string; readonly target: RequestTarget } {
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
