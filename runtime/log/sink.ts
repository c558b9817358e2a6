import { pino } from 'pino';

/** Where lines go: anything with `write`; `flushSync` where it holds lines back. */
export interface LineSink {
  write(line: string): unknown;
  flushSync?(): void;
}

/**
 * Writes to an open file at once. When it cannot be written to any more, as a terminal that was closed or a disk that is full,
 * what comes after is dropped: a log is no reason to end or to hang, nor to fill the memory.
 */
export function fileSink(fd: number): LineSink {
  const file = pino.destination({ fd, sync: true });
  let gone = false;
  file.on('error', () => {
    gone = true;
  });
  return {
    write: (line) => gone || file.write(line),
    flushSync: () => {
      if (!gone) file.flushSync(); // it would try again for ever
    },
  };
}
