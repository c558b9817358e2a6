import { systemClock } from '../clock.js';
import { Daemon, type DaemonOptions } from '../daemon.js';
import { ServiceManager } from '../health/index.js';
import { createLogging } from '../log/index.js';
import type { Loaded } from './configuration.js';
import { CliError, exitCodes } from './exit.js';
import { stopOnSignals } from './signals.js';

/**
 * Runs a daemon until SIGTERM or Ctrl-C, and tells the service manager how it is. SIGHUP reads its configuration again.
 * @param options what else the daemon is to have
 */
export async function runDaemon(
  { config, secrets, source }: Omit<Loaded, 'file'>,
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
    ...{ config, secrets, source, log: logging.logger, setLogLevel: logging.setLevel, ...options },
    onShutdown: () => shutDown(),
    observer: { edge: ({ status, reasons }) => systemd.status([status, ...reasons].join('; ')) },
  });
  const stop = async (): Promise<void> => {
    await Promise.all([systemd.stopping(), daemon.stop()]);
  };
  const stopped = stopOnSignals(stop, (stopNow) => {
    shutDown = stopNow;
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
