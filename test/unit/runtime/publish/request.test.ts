import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProtocolVersion } from '../../../../runtime/publish/attempts.js';
import { RequestError, Requester } from '../../../../runtime/publish/request.js';
import { FakeClock } from '../../../support/clock.js';
import { fakeLinks } from '../../../support/fake-link.js';
import { settle } from '../../../support/fake-publisher.js';

const root = 'tactile/v1/e1';
const url = 'mqtt://robot:1883';

function opening(versions: readonly ProtocolVersion[] = [5, 4]) {
  const clock = new FakeClock();
  const { open, links } = fakeLinks();
  const where = { target: { url, keepaliveS: 10, rejectUnauthorized: true }, versions, baseTopic: 'tactile' };
  return { clock, links, opened: Requester.open(where, { clock, open, id: 'abc' }) };
}

async function up(version: ProtocolVersion) {
  const { clock, links, opened } = opening([version]);
  links[0]!.accept();
  const requester = await opened;
  const ask = (command: string, body: object = {}) =>
    requester.request('e1', command, body, { timeoutMs: 5000 });
  const answer = (topic: string, body: object, more: object = {}): void => {
    const payload = Buffer.from(JSON.stringify({ command: 'ping', status: 'ok', ...body }));
    links[0]!.deliver({ topic, payload, ...more });
  };
  return { clock, link: links[0]!, requester, ask, answer };
}

test('under MQTT 5 the answer is asked for at a topic of our own, and the command expires', async () => {
  const { link, ask, answer, clock } = await up(5);
  const asked = ask('ping', { a: 1 });
  await settle();
  const [sent] = link.sent;
  assert.deepEqual(link.subscriptions, [`${root}/status`, 'tactile/reply/abc']);
  assert.deepEqual(
    {
      topic: sent!.topic,
      retain: sent!.retain,
      qos: sent!.qos,
      expiryS: sent!.expiryS,
      to: sent!.responseTopic,
    },
    { topic: `${root}/cmd/ping`, retain: false, qos: 1, expiryS: 5, to: 'tactile/reply/abc' },
  );
  assert.deepEqual(JSON.parse(String(sent!.payload)), { a: 1, transaction: 'abc-0' });
  assert.equal(sent!.correlation!.toString(), 'abc-0');
  answer('tactile/reply/abc', { data: 7 }, { correlation: Buffer.from('abc-0') });
  assert.deepEqual(await asked, { command: 'ping', status: 'ok', data: 7 });
  assert.equal(clock.waiting, 0);
});

test('under MQTT 3.1.1 the transaction tells the answer from those to others', async () => {
  const { link, ask, answer } = await up(4);
  const first = ask('ping');
  const second = ask('ping');
  await settle();
  assert.deepEqual(link.subscriptions, [`${root}/status`, `${root}/resp/ping`]);
  assert.equal(link.sent[0]!.responseTopic, undefined);
  answer(`${root}/resp/ping`, { transaction: 'other', data: 0 });
  answer(`${root}/resp/ping`, { data: 0 });
  answer(`${root}/resp/ping`, { transaction: 'abc-1', data: 1 });
  answer(`${root}/resp/ping`, { transaction: 'abc-0', status: 'error', error: { code: 'c', message: 'm' } });
  assert.equal((await second).data, 1);
  assert.equal((await first).error!.code, 'c');
});

test('the answer to the command status is not taken for the status of the edge', async () => {
  const { ask, answer } = await up(4);
  const asked = ask('status');
  await settle();
  answer(`${root}/resp/status`, { transaction: 'abc-0', data: 'well' });
  assert.equal((await asked).data, 'well');
});

test('what is no answer is not taken for one', async () => {
  const { link, ask, answer } = await up(4);
  const asked = ask('ping');
  await settle();
  for (const text of ['', '{', '[1]', 'null', '{"status":"fine","transaction":"abc-0"}', '['.repeat(100)])
    link.deliver({ topic: `${root}/resp/ping`, payload: Buffer.from(text) });
  answer(`${root}/resp/ping`, { transaction: 'abc-0', data: 'it' });
  assert.equal((await asked).data, 'it');
});

test('nobody answers: told after the time is over, with what is known of the edge', async () => {
  const { clock, ask, link } = await up(5);
  for (const [status, expected] of [
    [undefined, /edge e1 did not answer within 5 s at mqtt:\/\/robot:1883: is that its name \(edge.id\)/],
    ['ready', /its last status is ready; does the broker let us write its commands\?/],
  ] as const) {
    const asked = ask('ping');
    await settle();
    if (status !== undefined)
      link.deliver({ topic: `${root}/status`, payload: Buffer.from(JSON.stringify({ status })) });
    clock.advance(5000);
    await assert.rejects(asked, (error) => error instanceof RequestError && expected.test(error.message));
  }
  assert.equal(clock.waiting, 0);
});

test('the time counts from the start: a broker that confirms no subscription is told of, and gets no command later', async () => {
  const { clock, ask, link } = await up(5);
  const confirm: (() => void)[] = [];
  link.subscribe = (_, done) => confirm.push(done);
  const asked = ask('ping');
  await settle();
  clock.advance(5000);
  await assert.rejects(
    asked,
    /the broker at mqtt:\/\/robot:1883 has not confirmed within 5 s that we hear answers/,
  );
  for (let i = 0; i < 2; i++) {
    confirm.shift()!();
    await settle();
  }
  assert.deepEqual(link.sent, []);
  assert.equal(clock.waiting, 0);
});

test('a subscription that is refused is an error, and asked for again the next time', async () => {
  const { ask, link, answer } = await up(5);
  const { subscribe } = link;
  link.subscribe = (_, done) => done(new Error('Not authorized'));
  await assert.rejects(ask('ping'), /does not let us hear tactile\/reply\/abc: Not authorized/);
  link.subscribe = subscribe;
  const asked = ask('ping');
  await settle();
  answer('tactile/reply/abc', { transaction: 'abc-1', data: 1 });
  assert.equal((await asked).data, 1);
});

test('an edge that is known to be away is not asked', async () => {
  const { ask, link } = await up(5);
  link.deliver({ topic: `${root}/status`, payload: Buffer.from('{"status":"lost"}') });
  await assert.rejects(ask('ping'), /edge e1 is lost: whorl does not run there/);
  assert.deepEqual(link.sent, []);
});

test('a broker that is not there, or refuses, or does not know the version', async () => {
  const away = opening();
  away.links[0]!.end('unreachable', 'ECONNREFUSED');
  await assert.rejects(away.opened, /^RequestError: no broker answers at mqtt:\/\/robot:1883: ECONNREFUSED/);
  const refused = opening();
  refused.links[0]!.end('refused', 'Not authorized');
  await assert.rejects(refused.opened, /does not let us in: Not authorized/);
  const old = opening();
  old.links[0]!.end('version');
  await settle();
  assert.equal(old.links[1]!.version, 4);
  old.links[1]!.accept();
  await old.opened;
});

test('a connection that breaks meanwhile, and a command that is too long, are errors at once', async () => {
  const { ask, link } = await up(5);
  await assert.rejects(ask('ping', { a: 'x'.repeat(65_536) }), /more than 65536 bytes/);
  const asked = ask('ping');
  await settle();
  link.end('lost', 'cable');
  await assert.rejects(asked, /the connection to the broker has ended: cable/);
});
