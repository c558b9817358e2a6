import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connection } from '../../../../runtime/publish/connection.js';
import { createPublishCounters } from '../../../../runtime/publish/counters.js';
import type { IncomingMessage } from '../../../../runtime/publish/link.js';
import { FakeClock } from '../../../support/clock.js';
import { fakeLinks } from '../../../support/fake-link.js';
import { recordingLog } from '../../../support/log.js';

/** A connection that is up, with this handler of messages. */
function setUp(onMessage: (message: IncomingMessage) => void | Promise<void>) {
  const { open, links } = fakeLinks();
  const { log, lines } = recordingLog();
  const counters = createPublishCounters();
  const connection = new Connection({
    target: { url: 'mqtts://broker:8883', keepaliveS: 10, rejectUnauthorized: true },
    ...{ identity: { clientId: 'c' }, versions: [5], reconnect: { minMs: 100, maxMs: 100 } },
    ...{ open, clock: new FakeClock(), random: () => 0, log, counters, onMessage },
    ...{ onUp: () => {}, onDown: () => {} },
  });
  connection.start();
  const link = links[0]!.accept();
  const errors = () => lines.filter(({ level }) => level === 'error').map(({ facts }) => facts['topic']);
  return { connection, link, counters, errors };
}

for (const [how, fail] of [
  [
    'throws',
    (text: string) => {
      throw new Error(text);
    },
  ],
  ['rejects', (text: string) => Promise.reject(new Error(text))],
] as const)
  test(`a handler that ${how}: counted, told once, and the connection goes on`, async () => {
    const { connection, link, counters, errors } = setUp(({ topic }) => fail(topic.slice(0, 1)));
    for (const topic of ['a/1', 'a/2', 'b/1']) await link.deliver({ topic });
    assert.equal(counters.handlerErrors, 3);
    assert.deepEqual(errors(), ['a/1', 'b/1']);
    assert.equal(connection.link, link);
  });

test('the link waits for a handler that takes its time', async () => {
  let end = (): void => {};
  const { link } = setUp(() => new Promise((resolve) => (end = resolve)));
  let isOver = false;
  const over = Promise.resolve(link.deliver({ topic: 'a' })).then(() => (isOver = true));
  await Promise.resolve();
  assert.ok(!isOver);
  end();
  await over;
});
