import type { Command } from 'commander';
import { Daemon } from '../daemon.js';
import { createLogging } from '../log/index.js';
import { type ConfigOptions, configOptions, loadConfiguration } from './configuration.js';
import { stopOnSignals } from './signals.js';

export function define(command: Command): void {
  configOptions(command)
    .addHelpText(
      'after',
      '\nRuns until SIGTERM or Ctrl-C, then publishes "offline" and ends within 5 s. A configuration to start from:\n  runtime/config/example.yaml',
    )
    .action(run);
}

async function run(options: ConfigOptions): Promise<void> {
  const { config, secrets } = loadConfiguration(options);
  const logging = createLogging(config.log);
  const daemon = new Daemon({ config, secrets, log: logging.logger });
  const stopped = stopOnSignals(() => daemon.stop());
  try {
    await daemon.start();
    await stopped;
  } catch (error) {
    await daemon.stop();
    throw error;
  } finally {
    logging.flush();
  }
}
