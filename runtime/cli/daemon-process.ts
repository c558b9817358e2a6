import { systemClock } from '../clock.js';
import type { Config, Secrets } from '../config/index.js';
import { Daemon, type DaemonOptions } from '../daemon.js';
import { ServiceManager } from '../health/index.js';
import { createLogging } from '../log/index.js';
import { CliError, exitCodes } from './exit.js';
import { stopOnSignals } from './signals.js';

/**
 * Runs a daemon until SIGTERM or Ctrl-C, and tells the service manager how it is.
 * @param options what else the daemon is to have
 */
export async function runDaemon(
  { config, secrets }: { readonly config: Config; readonly secrets: Secrets },
  options: Pick<DaemonOptions, 'service'> = {},
): Promise<void> {
  if (!Object.values(config.sensors).some(({ enabled }) => enabled)) {
    throw new CliError(
      'the configuration has no sensor: name a file with --config; runtime/config/example.yaml is one to start from',
      exitCodes.usage,
    );
  }
  const logging = createLogging(config.log);
  const systemd = new ServiceManager({ env: process.env, clock: systemClock, log: logging.logger });
  let shutDown = (): void => {};
  const daemon = new Daemon({
    ...{ config, secrets, log: logging.logger, setLogLevel: logging.setLevel, ...options },
    onShutdown: () => shutDown(),
    observer: { edge: ({ status, reasons }) => systemd.status([status, ...reasons].join('; ')) },
  });
  const stop = async (): Promise<void> => {
    await Promise.all([systemd.stopping(), daemon.stop()]);
  };
  const stopped = stopOnSignals(stop, (stopNow) => {
    shutDown = stopNow;
  });
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
