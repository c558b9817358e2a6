import { open } from 'node:fs/promises';
import { type Clock, systemClock } from '../clock.js';
import { type RecordSource, ReplayTransport } from './capture/replay.js';
import type { TransportFactory } from './transport.js';

/** Bytes that are read at a time. */
const pieceBytes = 16 * 1024;

/**
 * A file of a sensor's bytes and nothing else, for sensors that have a clock: it plays as fast as it is taken, and all of
 * it has arrived at the beginning. When it has ended, the pipe closes without an error.
 */
export function rawFileTransport({
  path,
  clock = systemClock,
}: {
  path: string;
  clock?: Clock;
}): TransportFactory {
  return () => new ReplayTransport(path, () => openPieces(path), Number.POSITIVE_INFINITY, clock);
}

async function openPieces(path: string): Promise<RecordSource> {
  const file = await open(path, 'r');
  return {
    startedUs: 0,
    async next() {
      const { bytesRead, buffer } = await file.read(new Uint8Array(pieceBytes), 0, pieceBytes);
      return bytesRead === 0
        ? undefined
        : { arrivalUs: 0, bytes: buffer.subarray(0, bytesRead), newLink: false };
    },
    close: () => file.close(),
  };
}
