import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodies } from '../../../support/bodies.js';
import { settle, setUp } from '../../../support/fake-publisher.js';

const edge = 'tactile/v1/e1';

test('without a broker nothing waits: results are dropped and counted, the rest is told at the first connect', async () => {
  const { publisher, link, links, clock } = setUp();
  publisher.start();
  link().end('unreachable');
  assert.equal(publisher.publish('result', bodies.result), false);
  publisher.publish('info', bodies.info);
  publisher.publish('model', bodies.model);
  publisher.publish('sensor-status', bodies['sensor-status']);
  publisher.setStatus('ready');
  publisher.publish('model', { ...bodies.model, pipeline: 'grasp' });
  clock.advance(100);
  assert.equal(links.length, 2);
  link().accept();
  await settle();
  assert.deepEqual(link().topics, [
    'status',
    'info',
    'pipeline/slip/model',
    'sensor/finger0/status',
    'pipeline/grasp/model',
  ]);
  assert.equal(link().payloads('e1/status')[0]!['status'], 'ready');
  assert.deepEqual(link().subscriptions, [`${edge}/cmd/#`]);
  assert.equal(publisher.counters.droppedOffline, 1);
  assert.equal(publisher.counters.failedAttempts, 1);
});

test('a birth and all that is retained at every connect, with new numbers and times', async () => {
  const { publisher, link, clock } = setUp();
  publisher.setStatus('ready');
  publisher.publish('info', bodies.info);
  publisher.start();
  link().accept();
  await settle();
  const first = link();
  clock.advance(1000);
  first.end('lost');
  clock.advance(200);
  link().accept();
  await settle();
  assert.notEqual(link(), first);
  assert.deepEqual(link().topics, ['status', 'info']);
  assert.deepEqual(
    [first, link()].map((one) => one.payloads('/info')[0]!['seq']),
    [0, 1],
  );
  const [before, after] = [first, link()].map(
    (one) => one.payloads('e1/status')[0]!['t'] as { mono_us: number },
  );
  assert.equal(after!.mono_us - before!.mono_us, 1_200_000);
});

test('the will says lost, and every client id is of its session', () => {
  const { publisher, link } = setUp();
  publisher.start();
  assert.equal(link().identity.clientId, 'whorl-e1-b7f1c2d0');
  assert.equal(link().identity.will!.topic, `${edge}/status`);
  assert.deepEqual(JSON.parse(link().identity.will!.payload), {
    schema: 'tactile.status/1.0',
    session: 'b7f1c2d0',
    edge: 'e1',
    status: 'lost',
  });
});

test('numbers count what is sent on a topic, each from 0, and drops leave no gap', async () => {
  const { publisher, link, clock } = setUp();
  publisher.start();
  link().accept();
  for (let i = 0; i < 3; i++) publisher.publish('result', bodies.result);
  publisher.publish('result', { ...bodies.result, pipeline: 'grasp' });
  link().end('lost');
  for (let i = 0; i < 5; i++) publisher.publish('result', bodies.result);
  clock.advance(100);
  const numbers = link()
    .payloads('slip/result')
    .map(({ seq }) => seq);
  link().accept();
  publisher.publish('result', bodies.result);
  assert.deepEqual(numbers, []);
  assert.deepEqual(
    link()
      .payloads('slip/result')
      .map(({ seq }) => seq),
    [3],
  );
  assert.equal(publisher.counters.droppedOffline, 5);
});

test('messages travel as their kind says, with what readers sort by', async () => {
  const { publisher, link } = setUp();
  publisher.start();
  link().accept();
  publisher.publish('result', bodies.result);
  publisher.publish('decision', bodies.decision);
  publisher.publish('state', bodies.state);
  await settle();
  const [, result, decision, state] = link().sent;
  const manner = ({ qos, retain, expiryS }: typeof result & object) => [qos, retain, expiryS];
  assert.deepEqual(
    [result, decision, state].map((message) => manner(message!)),
    [
      [0, false, 1],
      [1, false, 2],
      [1, true, 10],
    ],
  );
  assert.deepEqual(result!.properties, { schema: 'tactile.result/1.0', session: 'b7f1c2d0', seq: '0' });
});

test('decisions wait for a broker while they are fresh, and their expiry shrinks', async () => {
  const { publisher, link, clock } = setUp();
  publisher.start();
  link().end('unreachable');
  publisher.publish('decision', { ...bodies.decision, id: 'old' });
  clock.advance(100);
  link().end('unreachable');
  clock.advance(1000);
  publisher.publish('decision', { ...bodies.decision, id: 'new' });
  clock.advance(900);
  link().accept();
  await settle();
  assert.deepEqual(
    link()
      .payloads('/decision')
      .map(({ id }) => id),
    ['new'],
  );
  assert.equal(link().sent.find(({ topic }) => topic.endsWith('/decision'))!.expiryS, 2);
  assert.equal(publisher.counters.droppedExpired, 1);
});

test('a decision that was not acknowledged comes again as it was', async () => {
  const { publisher, link, clock } = setUp({ acknowledges: false });
  publisher.start();
  link().accept();
  publisher.publish('decision', bodies.decision);
  const first = link().sent.find(({ topic }) => topic.endsWith('/decision'))!.payload;
  link().end('lost');
  clock.advance(100);
  link().accept();
  assert.equal(link().sent.find(({ topic }) => topic.endsWith('/decision'))!.payload, first);
});

test('a network that takes nothing: results are dropped, not kept', () => {
  const { publisher, link } = setUp();
  publisher.start();
  link().accept();
  link().pendingBytes = 1_000_000;
  assert.equal(publisher.publish('result', bodies.result), false);
  link().pendingBytes = 0;
  assert.equal(publisher.publish('result', bodies.result), true);
  assert.equal(publisher.counters.droppedSlow, 1);
});

test('a message that the broker refuses is told once and not sent again on this connection', async () => {
  const { publisher, link, lines } = setUp({ acknowledges: false });
  publisher.start();
  link().accept();
  link().acknowledge(new Error('Not authorized'));
  await settle();
  assert.equal(link().sent.length, 1);
  assert.equal(publisher.counters.sendErrors, 1);
  assert.ok(lines.some(({ level, message }) => level === 'warn' && /refused/.test(message)));
});

test('a name that cannot be part of a topic is refused, not published elsewhere', () => {
  const { publisher } = setUp();
  assert.throws(() => publisher.publish('result', { ...bodies.result, pipeline: 'a/+' }), RangeError);
});

test('an alert that is cleared is an empty retained message, now and at every later connect', async () => {
  const { publisher, link, clock } = setUp();
  publisher.publish('alert', bodies.alert);
  publisher.start();
  link().accept();
  await settle();
  const [alert] = link().sent.filter(({ topic }) => topic.endsWith('/alert/sensor-lost.finger0'));
  assert.deepEqual([alert!.retain, alert!.qos], [true, 1]);
  publisher.clearAlert('sensor-lost.finger0');
  await settle();
  const cleared = link().sent.at(-1)!;
  assert.deepEqual([cleared.topic, cleared.payload, cleared.retain], [alert!.topic, '', true]);
  link().end('lost');
  clock.advance(200);
  link().accept();
  await settle();
  assert.deepEqual(
    link()
      .sent.filter(({ topic }) => topic === alert!.topic)
      .map(({ payload }) => payload),
    [''],
  );
});

test('what has not reached the broker is counted', async () => {
  const { publisher, link } = setUp();
  publisher.publish('info', bodies.info);
  assert.deepEqual(publisher.backlog, { messages: 2, bytes: 0 });
  publisher.start();
  link().accept();
  link().pendingBytes = 70;
  await settle();
  assert.deepEqual(publisher.backlog, { messages: 0, bytes: 70 });
});
