import { systemClock } from '../clock.js';
import { Daemon, type DaemonOptions } from '../daemon.js';
import { ServiceManager } from '../health/index.js';
import { createLogging } from '../log/index.js';
import type { Loaded } from './configuration.js';
import { CliError, exitCodes } from './exit.js';
import { leaveClosed, meaningOfHangup, stopOnSignals, terminalStreams } from './signals.js';

/** A second process of an edge is refused so long after its start; later it waits in silence. */
const START_S = 30;

/**
 * Runs a daemon until SIGTERM or Ctrl-C, and tells the service manager how it is. SIGHUP ends it at a terminal,
 * and reads its configuration again elsewhere.
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
  let refuse = (_error: CliError): void => {};
  const refused = new Promise<never>((_, reject) => {
    refuse = reject;
  });
  refused.catch(() => {}); // until somebody waits for it
  const daemon = new Daemon({
    ...{ config, secrets, source, log: logging.logger, setLogLevel: logging.setLevel, ...options },
    onShutdown: () => shutDown(),
    onTaken: (session) => {
      if (process.uptime() < START_S) refuse(takenError(config.edge.id, session));
    },
    observer: { edge: ({ status, reasons }) => systemd.status([status, ...reasons].join('; ')) },
  });
  const stop = async (): Promise<void> => {
    await Promise.all([systemd.stopping(), daemon.stop()]);
  };
  const stopped = stopOnSignals(stop, (stopNow) => {
    shutDown = stopNow;
  });
  const terminals = terminalStreams();
  process.on('SIGHUP', () => {
    if (meaningOfHangup(terminals) === 'reload') return void systemd.reloading(() => daemon.reload());
    leaveClosed(terminals);
    shutDown();
  });
  try {
    await Promise.race([daemon.start(), refused]);
    systemd.ready(() => daemon.isAlive);
    await Promise.race([stopped, refused]);
  } catch (error) {
    await daemon.stop();
    throw error;
  } finally {
    logging.flush();
  }
}

/** Told now, it is a mistake of whoever starts it, who reads it; later it is for the log, and passes. */
function takenError(edge: string, session: string): CliError {
  return new CliError(
    `another whorl (session ${session}) serves edge '${edge}' at this broker: stop it, or give one of the two another edge.id`,
  );
}
