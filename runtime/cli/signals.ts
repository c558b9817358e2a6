import { exitCodes } from './exit.js';

/**
 * Calls `stop` at the first SIGINT or SIGTERM; resolves when it is done. A second signal, or a stop that takes longer
 * than 5 s, ends the process at once.
 */
export function stopOnSignals(stop: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    let stopping = false;
    const handle = (): void => {
      if (stopping) process.exit(exitCodes.failed);
      stopping = true;
      setTimeout(() => process.exit(exitCodes.failed), 5000).unref();
      stop().then(resolve, reject);
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, handle);
  });
}
