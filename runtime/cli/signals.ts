import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { isatty } from 'node:tty';
import { exitCodes } from './exit.js';

/** Standard streams that are terminals, by descriptor. To be asked at the start: when a terminal has closed it is none. */
export function terminalStreams(isTerminal: (fd: number) => boolean = isatty): number[] {
  return [0, 1, 2].filter(isTerminal);
}

/**
 * What SIGHUP means to a daemon. A program at a terminal is told that its terminal has closed, and ends; any other is a
 * service, which is told so to read its configuration again.
 */
export function meaningOfHangup(terminals: readonly number[]): 'end' | 'reload' {
  return terminals.includes(0) || terminals.includes(1) ? 'end' : 'reload';
}

/**
 * Leads the streams of a terminal that has closed nowhere. Otherwise Node would abort at its end, because it cannot give
 * that terminal its settings back.
 */
export function leaveClosed(terminals: readonly number[]): void {
  for (const fd of terminals.filter((one) => !isatty(one))) {
    closeSync(fd);
    openSync(devNull, 'r+'); // takes the lowest descriptor that is free
  }
}

/**
 * Calls `stop` at the first SIGINT or SIGTERM; resolves when it is done. A second signal, or a stop that takes longer
 * than 5 s, ends the process at once.
 * @param asked told how to stop in the same way without a signal
 */
export function stopOnSignals(
  stop: () => Promise<void>,
  asked: (stopNow: () => void) => void = () => {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    let stopping = false;
    const handle = (): void => {
      if (stopping) process.exit(exitCodes.failed);
      stopping = true;
      setTimeout(() => process.exit(exitCodes.failed), 5000).unref();
      stop().then(resolve, reject);
    };
    asked(() => {
      if (!stopping) handle();
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, handle);
  });
}
