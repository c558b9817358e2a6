/** Two processes of one edge at one broker: links that the test plays the broker of, and a clock that it drives. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLAIM_GRACE_MS, givesWay, type Holder } from '../../../../runtime/publish/claim.js';
import type { FakeLink } from '../../../support/fake-link.js';
import { settle, setUp } from '../../../support/fake-publisher.js';
import * as fc from '../../../support/fast-check.js';

const root = 'tactile/v1/e1';
const other = '00000001';

/** A publisher that wants the edge for itself, with a connection that is up. */
function unique() {
  const told: string[] = [];
  const made = setUp({
    unique: {
      onTaken: ({ session }) => told.push(`taken by ${session}`),
      onVacant: () => told.push('vacant'),
    },
  });
  made.publisher.start();
  return { ...made, told };
}

function says(link: FakeLink, leaf: string, body: object): void {
  link.deliver({ topic: `${root}/${leaf}`, payload: Buffer.from(JSON.stringify(body)) });
}

/** The other process answers the last question. */
function answers(link: FakeLink, startedUs = 1): void {
  const question = link.sent.findLast(({ topic }) => topic === `${root}/cmd/ping`)!;
  const { transaction } = JSON.parse(String(question.payload)) as { transaction: string };
  says(link, 'resp/ping', { session: other, transaction, status: 'ok', data: { started_us: startedUs } });
}

test('of two the one that started later gives way, and both say the same', () => {
  const holder = fc.record({ session: fc.stringMatching(/^[0-9a-f]{8}$/), startedUs: fc.nat(5) });
  fc.assert(
    fc.property(holder, holder, (a: Holder, b: Holder) => {
      if (a.session !== b.session) assert.notEqual(givesWay(a, b), givesWay(b, a));
      if (a.startedUs < b.startedUs) assert.equal(givesWay(a, b), false);
    }),
  );
});

test('where no status tells of another, the birth follows a quarter of a second after the question', async () => {
  const { link, told, clock } = unique();
  link().accept();
  await settle();
  assert.deepEqual(link().topics, ['cmd/ping']);
  clock.advance(CLAIM_GRACE_MS);
  assert.deepEqual(link().topics, ['cmd/ping', 'status']);
  assert.deepEqual(link().subscriptions, [`${root}/cmd/#`, `${root}/status`, `${root}/resp/ping`]);
  assert.deepEqual([told, clock.waiting], [[], 0]);
});

test('one that said goodbye, or whose will was told, is waited for no longer', async () => {
  for (const status of ['offline', 'lost']) {
    const { link, clock } = unique();
    link().accept();
    says(link(), 'status', { session: other, status });
    clock.advance(CLAIM_GRACE_MS);
    assert.deepEqual(link().topics, ['cmd/ping', 'status']);
  }
});

test('one that is dead without a word does not answer: a second later the edge is ours', async () => {
  const { link, clock, told } = unique();
  link().accept();
  says(link(), 'status', { session: other, status: 'ready' });
  clock.advance(999);
  assert.deepEqual(link().topics, ['cmd/ping', 'cmd/ping']);
  clock.advance(1);
  assert.deepEqual(link().topics, ['cmd/ping', 'cmd/ping', 'status']);
  assert.deepEqual(told, []);
});

test('one that answers was there first: nothing is published, and the will is taken along', async () => {
  const { link, clock, told, publisher, lines } = unique();
  link().accept();
  says(link(), 'status', { session: other, status: 'ready' });
  await settle();
  answers(link(), 9e15);
  assert.deepEqual(
    [link().topics, link().state, told],
    [['cmd/ping', 'cmd/ping'], 'closed', [`taken by ${other}`]],
  );
  assert.equal(publisher.publish('result', {} as never), false);
  assert.ok(lines.some(({ level, message }) => level === 'error' && /another edge\.id/.test(message)));
  await settle();
  clock.advance(60_000);
  await settle();
  assert.equal(publisher.connected, false);
  await publisher.stop();
  clock.advance(10_000);
});

test('every ten seconds it is looked whether the other is gone, without a will; then the edge is taken over', async () => {
  const { link, links, clock, told } = unique();
  link().accept();
  says(link(), 'status', { session: other, status: 'ready' });
  await settle();
  answers(link());
  await settle();
  clock.advance(10_000);
  await settle();
  const first = link();
  assert.deepEqual([links.length, first.identity.will], [2, undefined]);
  first.accept();
  await settle();
  assert.deepEqual(first.topics, ['cmd/ping']);
  const { responseTopic, payload } = first.sent[0]!;
  const { transaction } = JSON.parse(String(payload)) as { transaction: string };
  const body = { session: other, command: 'ping', status: 'ok', transaction };
  first.deliver({ topic: responseTopic!, payload: Buffer.from(JSON.stringify(body)) });
  await settle();
  assert.deepEqual([first.state, told.length], ['closed', 1]);
  clock.advance(10_000);
  await settle();
  const second = link();
  second.accept();
  says(second, 'status', { session: other, status: 'lost' });
  await settle();
  clock.advance(1000);
  await settle();
  assert.deepEqual(told.slice(1), ['vacant']);
  assert.notEqual(link().identity.will, undefined);
  link().accept();
  clock.advance(CLAIM_GRACE_MS);
  assert.deepEqual(link().topics, ['cmd/ping', 'status']);
});

test('two at the same moment: the one that started later gives way, the other says again who it is', async () => {
  for (const [startedUs, stays] of [
    [1, false],
    [9e15, true],
  ] as const) {
    const { link, told, clock } = unique();
    link().accept();
    clock.advance(CLAIM_GRACE_MS);
    says(link(), 'status', { session: other, status: 'starting' });
    answers(link(), startedUs);
    await settle();
    assert.deepEqual([told.length, link().state], stays ? [0, 'up'] : [1, 'closed']);
    assert.deepEqual(link().topics, ['cmd/ping', 'status', 'cmd/ping', ...(stays ? ['status'] : [])]);
    if (stays) assert.equal(clock.waiting, 0);
  }
});

test('two that ask at the same moment hear each other; the one that started later never says a word', async () => {
  for (const [startedUs, stays] of [
    [1, false],
    [9e15, true],
  ] as const) {
    const { link, told, clock } = unique();
    link().accept();
    says(link(), 'cmd/ping', { transaction: `claim-${other}-${startedUs}-0` });
    assert.deepEqual([told.length, link().state], stays ? [0, 'up'] : [1, 'closed']);
    clock.advance(CLAIM_GRACE_MS);
    assert.deepEqual(link().topics, stays ? ['cmd/ping', 'cmd/ping', 'status'] : ['cmd/ping']);
  }
});

test('a command is carried out once the edge is ours, and our own question is not answered', async () => {
  const { link, publisher, clock } = unique();
  let done = 0;
  publisher.onCommand('count', () => ++done);
  link().accept();
  says(link(), 'cmd/count', {});
  clock.advance(CLAIM_GRACE_MS);
  says(link(), 'cmd/count', {});
  link().deliver({ topic: `${root}/cmd/ping`, payload: Buffer.from(link().sent[0]!.payload) });
  await settle();
  await settle();
  assert.deepEqual(
    [done, link().payloads('/resp/ping').length, link().payloads('/resp/count').length],
    [1, 0, 1],
  );
});

test('the late will of a process that is history does not stay', async () => {
  const { link, publisher, clock } = unique();
  link().accept();
  clock.advance(CLAIM_GRACE_MS);
  await settle();
  publisher.setStatus('ready');
  await settle();
  says(link(), 'status', { session: other, status: 'lost' });
  await settle();
  assert.deepEqual(
    link()
      .payloads('/status')
      .map(({ status }) => status),
    ['starting', 'ready', 'ready'],
  );
});

test('a broker that does not let us look, and answers that are none, keep nobody from working', async () => {
  const { link } = unique();
  link().accept();
  says(link(), 'status', { session: other, status: 'ready' });
  for (const payload of ['', '[', '[1]', '{"session":7}', '{"session":"b7f1c2d0","status":"ready"}'])
    link().deliver({ topic: `${root}/resp/ping`, payload: Buffer.from(payload) });
  link().acknowledge(new Error('Not authorized'));
  await settle();
  assert.ok(link().topics.includes('status'));
});
