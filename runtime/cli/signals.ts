import { exitCodes } from './exit.js';

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
