import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodies } from '../../../support/bodies.js';
import { settle, setUp } from '../../../support/fake-publisher.js';

test('stop: offline, everything acknowledged, then goodbye', async () => {
  const { publisher, link, clock } = setUp({ acknowledges: false });
  publisher.start();
  link().accept();
  publisher.publish('decision', bodies.decision);
  const stopped = publisher.stop(2000);
  await settle();
  assert.equal(link().state, 'up');
  link().acknowledge();
  await settle();
  link().acknowledge();
  await stopped;
  assert.equal(link().state, 'closed');
  assert.equal(link().payloads('e1/status').at(-1)!['status'], 'offline');
  assert.equal(publisher.publish('info', bodies.info), false);
  assert.equal(clock.waiting, 0);
});

test('stop: ends in time when the broker does not answer, and when it goes away meanwhile', async () => {
  const mute = setUp({ acknowledges: false });
  mute.publisher.start();
  mute.link().accept();
  const stopped = mute.publisher.stop(1500);
  await settle();
  mute.clock.advance(1500);
  await stopped;
  assert.equal(mute.clock.waiting, 0);

  const gone = setUp({ acknowledges: false });
  gone.publisher.start();
  gone.link().accept();
  const ended = gone.publisher.stop(1500);
  gone.link().end('lost');
  await ended;
  assert.equal(gone.clock.waiting, 0);
});

test('stop while there is no broker ends at once, and nothing is tried afterwards', async () => {
  const { publisher, link, links, clock } = setUp();
  publisher.start();
  const opening = link();
  await publisher.stop();
  assert.equal(opening.state, 'destroyed');
  opening.end('unreachable');
  clock.advance(60_000);
  assert.equal(links.length, 1);

  const waiting = setUp();
  waiting.publisher.start();
  waiting.link().end('unreachable');
  await waiting.publisher.stop();
  waiting.clock.advance(60_000);
  assert.equal(waiting.links.length, 1);
});

test('a broker without MQTT 5 is asked for 3.1.1 at once', () => {
  const { publisher, links, clock } = setUp();
  publisher.start();
  links[0]!.end('version');
  clock.advance(0);
  assert.deepEqual(
    links.map(({ version }) => version),
    [5, 4],
  );
});

test('an outage is one line in the log, not one an attempt', () => {
  const { publisher, link, links, lines, clock } = setUp();
  publisher.start();
  for (let i = 0; i < 20; i++) {
    link().end('unreachable', 'connect ECONNREFUSED');
    clock.advance(2000);
  }
  assert.equal(links.length, 21);
  assert.equal(lines.filter(({ level }) => level === 'warn').length, 1);
  link().end('refused', 'Not authorized');
  assert.equal(lines.filter(({ level }) => level === 'warn').length, 2);
});

test('plain text to another host is a warning, and so is a certificate that is not verified', () => {
  const plain = setUp({ target: { url: 'mqtt://10.0.0.5:1883', keepaliveS: 10, rejectUnauthorized: true } });
  plain.publisher.start();
  assert.match(plain.lines[0]!.message, /in the clear/);
  const secure = setUp({
    target: { url: 'mqtts://10.0.0.5:8883', keepaliveS: 10, rejectUnauthorized: true },
  });
  secure.publisher.start();
  assert.deepEqual(secure.lines, []);
  const blind = setUp({
    target: { url: 'mqtts://10.0.0.5:8883', keepaliveS: 10, rejectUnauthorized: false },
  });
  blind.publisher.start();
  assert.match(blind.lines[0]!.message, /not verified/);
});
