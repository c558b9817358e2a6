import { Publisher, type PublisherOptions } from '../../runtime/publish/index.js';
import { FakeClock } from './clock.js';
import { type FakeLink, fakeLinks } from './fake-link.js';
import { recordingLog } from './log.js';

/** A publisher on a clock driven by the test, with connections that the test plays the broker of. */
export function setUp({
  acknowledges = true,
  ...options
}: Partial<PublisherOptions> & { acknowledges?: boolean } = {}) {
  const clock = new FakeClock();
  const { log, lines } = recordingLog();
  const { open, links } = fakeLinks(acknowledges);
  const publisher = new Publisher({
    edge: 'e1',
    baseTopic: 'tactile',
    session: 'b7f1c2d0',
    target: { url: 'mqtt://127.0.0.1:1883', keepaliveS: 10, rejectUnauthorized: true },
    versions: [5, 4],
    reconnect: { minMs: 100, maxMs: 1500 },
    clock,
    log,
    random: () => 0,
    open,
    ...options,
  });
  return { clock, lines, links, publisher, link: (): FakeLink => links.at(-1)! };
}

export { settled as settle } from './scripted-worker.js';
