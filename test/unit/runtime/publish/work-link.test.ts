import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkLink } from '../../../../runtime/publish/index.js';
import { FakeClock } from '../../../support/clock.js';
import { type FakeLink, fakeLinks } from '../../../support/fake-link.js';
import { recordingLog } from '../../../support/log.js';

const message = { topic: 'a/b', payload: 'x', qos: 1, retain: false } as const;

/** A link whose broker answers subscriptions as `refuses` says. */
function setUp(refuses: (filter: string) => boolean = () => false) {
  const clock = new FakeClock();
  const { log, lines } = recordingLog();
  const { open, links } = fakeLinks();
  const told: string[] = [];
  const link = new WorkLink({
    ...{ clock, log, random: () => 0, reconnect: { minMs: 100, maxMs: 100 } },
    target: { url: 'mqtt://broker:1883', keepaliveS: 10, rejectUnauthorized: true },
    identity: { clientId: 'c1' },
    subscriptions: [{ filter: 'a/+' }, { filter: 'b/+', retained: true }],
    open: (...args) => {
      const made = open(...args);
      const { subscribe } = made;
      made.subscribe = (filter, done) =>
        subscribe.call(made, filter, () => done(refuses(filter) ? new Error('Not authorized') : undefined));
      return made;
    },
    onUp: () => told.push('up'),
    onDown: () => told.push('down'),
    onMessage: () => {},
  });
  return { clock, lines, link, links, told, broker: (): FakeLink => links.at(-1)! };
}

test('it is up when every subscription is confirmed, and until the connection is lost', () => {
  const { clock, link, told, broker } = setUp();
  link.start();
  assert.ok(!link.publish(message));
  broker().accept();
  assert.deepEqual(broker().subscriptions, ['a/+', 'b/+']);
  assert.ok(link.isUp && link.publish(message));
  assert.equal(link.fault, undefined);
  broker().end('lost', 'gone');
  assert.ok(!link.publish(message));
  assert.equal(link.fault, 'no connection to mqtt://broker:1883 (lost: gone)');
  clock.advance(100);
  broker().accept();
  assert.deepEqual(told, ['up', 'down', 'up']);
});

test('a subscription that is refused keeps it down, and says what to look at', () => {
  const { lines, link, told, broker } = setUp((filter) => filter === 'b/+');
  link.start();
  broker().accept();
  assert.deepEqual(told, ['down'], 'so that whoever shows the fault shows this one');
  assert.ok(!link.isUp);
  assert.match(link.fault!, /the broker refuses the subscription b\/\+: do its access rules allow it\?/);
  assert.equal(lines.filter(({ level }) => level === 'error').length, 1);
});

test('a subscription that is refused is tried again, with longer and longer pauses, and told once', () => {
  let refused = true;
  const { clock, lines, link, told, broker } = setUp((filter) => refused && filter === 'b/+');
  link.start();
  broker().accept();
  clock.advance(5000);
  clock.advance(9999);
  assert.deepEqual(broker().subscriptions, ['a/+', 'b/+', 'b/+']);
  refused = false;
  clock.advance(1);
  assert.deepEqual(told, ['down', 'up']);
  assert.equal(link.fault, undefined);
  assert.equal(lines.filter(({ level }) => level === 'error').length, 1);
  assert.equal(clock.waiting, 0);
});

test('nothing is tried again on a connection that has ended', async () => {
  const { clock, link, links, broker } = setUp(() => true);
  link.start();
  broker().accept();
  broker().end('lost');
  clock.advance(60_000);
  assert.deepEqual(links[0]!.subscriptions, ['a/+', 'b/+']);
  broker().accept();
  await link.stop(1000);
  assert.equal(clock.waiting, 0);
});

test('it never speaks MQTT 3.1.1: a broker that speaks nothing else is a fault, told once', () => {
  const { clock, link, links, told, broker } = setUp();
  link.start();
  for (let i = 0; i < 3; i++) {
    broker().end('version', 'unacceptable protocol version');
    clock.advance(60_000);
  }
  assert.deepEqual(
    links.map(({ version }) => version),
    [5, 5, 5, 5],
  );
  assert.match(link.fault!, /does not speak MQTT 5/);
  assert.deepEqual(told, ['down']);
});

test('without a connection there is nothing to wait for', async () => {
  const { link } = setUp();
  link.start();
  await link.unsubscribe();
  await link.stop(1000);
});
