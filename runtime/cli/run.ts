import type { Command } from 'commander';
import { systemClock } from '../clock.js';
import { Daemon } from '../daemon.js';
import { ServiceManager } from '../health/index.js';
import { createLogging } from '../log/index.js';
import { type ConfigOptions, configOptions, loadConfiguration } from './configuration.js';
import { examples } from './examples.js';
import { CliError, exitCodes } from './exit.js';
import { stopOnSignals } from './signals.js';

export function define(command: Command): void {
  configOptions(command)
    .addHelpText(
      'after',
      `
Runs until SIGTERM or Ctrl-C, then publishes "offline" and ends within 5 s. An absent sensor or
broker and a broken model end nothing: they are told as the status of the edge.
SIGHUP reads the configuration file again: keys that are live take effect at once, all or none.
A file to start from, with every key and its default: runtime/config/example.yaml`,
    )
    .action(run);
  examples(command, [
    ['whorl run --config whorl.yaml', 'the daemon as configured'],
    ['whorl run --config whorl.yaml --set log.level=debug', 'the same, and more to read'],
  ]);
}

async function run(options: ConfigOptions): Promise<void> {
  const { config, secrets, source } = loadConfiguration(options);
  if (!Object.values(config.sensors).some(({ enabled }) => enabled)) {
    throw new CliError(
      'the configuration has no sensor: name a file with --config; runtime/config/example.yaml is one to start from',
      exitCodes.usage,
    );
  }
  const logging = createLogging(config.log);
  const systemd = new ServiceManager({ env: process.env, clock: systemClock, log: logging.logger });
  const daemon = new Daemon({
    ...{ config, secrets, source, log: logging.logger, setLogLevel: logging.setLevel },
    observer: { edge: ({ status, reasons }) => systemd.status([status, ...reasons].join('; ')) },
  });
  const stopped = stopOnSignals(async () => {
    await Promise.all([systemd.stopping(), daemon.stop()]);
  });
  process.on('SIGHUP', () => void daemon.reload());
  try {
    await daemon.start();
    systemd.ready(() => daemon.isAlive);
    await stopped;
  } catch (error) {
    await daemon.stop();
    throw error;
  } finally {
    logging.flush();
  }
}
