import type { TestContext } from 'node:test';
import { systemClock } from '../../runtime/clock.js';
import { type LinkTarget, Publisher, type PublisherOptions } from '../../runtime/publish/index.js';
import { recordingLog } from './log.js';

/** A publisher as the daemon makes it, with a log that is kept; stopped when the test ends. */
export function makePublisher(
  t: TestContext,
  target: Partial<LinkTarget> & { readonly url: string },
  options: Partial<PublisherOptions> = {},
) {
  const { log, lines } = recordingLog();
  const publisher = new Publisher({
    edge: 'e1',
    baseTopic: 'tactile',
    session: 'b7f1c2d0',
    target: { keepaliveS: 10, rejectUnauthorized: true, ...target },
    versions: [5, 4],
    reconnect: { minMs: 20, maxMs: 100 },
    clock: systemClock,
    log,
    random: Math.random,
    ...options,
  });
  t.after(() => publisher.stop(100));
  return { publisher, lines };
}
