import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Commands, MAX_COMMAND_BYTES } from '../../../../runtime/publish/commands.js';
import { createPublishCounters } from '../../../../runtime/publish/counters.js';
import { CommandError } from '../../../../runtime/publish/index.js';
import type { ResponseBody } from '../../../../runtime/publish/messages/response.js';
import { Topics } from '../../../../runtime/publish/topics.js';
import { FakeClock } from '../../../support/clock.js';
import * as fc from '../../../support/fast-check.js';
import { recordingLog } from '../../../support/log.js';

const root = 'tactile/v1/e1';

interface Answer {
  readonly topic: string;
  readonly body: ResponseBody;
  readonly correlation: Buffer | undefined;
}

function setUp() {
  const clock = new FakeClock();
  const { log, lines } = recordingLog();
  const counters = createPublishCounters();
  const answers: Answer[] = [];
  const commands = new Commands({
    topics: new Topics('tactile', 'e1'),
    clock,
    log,
    counters,
    answer: (topic, body, correlation) => answers.push({ topic, body, correlation }),
  });
  const send = async (name: string, payload = '', more: object = {}): Promise<Answer | undefined> => {
    const before = answers.length;
    commands.receive({ topic: `${root}/cmd/${name}`, payload: Buffer.from(payload), retain: false, ...more });
    await settle();
    return answers[before];
  };
  return { clock, lines, counters, answers, commands, send };
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

test('a command is carried out and answered with what it gives back', async () => {
  const { commands, send, counters } = setUp();
  commands.register('trigger', ({ command, body }) => ({ command, pipeline: body['pipeline'] }));
  const answer = await send('trigger', '{"pipeline":"slip","transaction":"t1"}');
  assert.equal(answer!.topic, `${root}/resp/trigger`);
  assert.deepEqual(answer!.body, {
    command: 'trigger',
    transaction: 't1',
    status: 'ok',
    data: { command: 'trigger', pipeline: 'slip' },
  });
  assert.deepEqual([counters.commands, counters.commandErrors], [1, 0]);
});

test('an empty payload is an empty request, and a handler may take its time', async () => {
  const { commands, send } = setUp();
  commands.register('ping', async () => undefined);
  assert.deepEqual((await send('ping'))!.body, { command: 'ping', status: 'ok' });
});

test('every refusal is an answer with a code', async () => {
  const { commands, send, counters } = setUp();
  commands.register('fails', () => {
    throw new CommandError('no-model', 'there is no model; add one');
  });
  commands.register('echo', ({ body }) => body);
  const codes: [string, string, string][] = [
    ['nothing', '', 'unknown-command'],
    ['a/b', '', 'bad-name'],
    ['echo', '{', 'bad-json'],
    ['echo', '[1]', 'bad-json'],
    ['echo', 'null', 'bad-json'],
    ['echo', `"${'x'.repeat(MAX_COMMAND_BYTES)}"`, 'too-large'],
    ['fails', '{}', 'no-model'],
  ];
  for (const [name, payload, code] of codes) {
    const { body } = (await send(name, payload))!;
    assert.equal(body.status, 'error');
    assert.equal(body.error!.code, code);
    assert.ok(body.error!.message.length > 0);
  }
  assert.equal(counters.commandErrors, codes.length);
});

test('what fails inside is logged and told without its inside', async () => {
  const { commands, send, lines } = setUp();
  commands.register('a', () => {
    throw new Error('secret inside');
  });
  commands.register('b', () => ({ big: 1n }));
  for (const name of ['a', 'b']) {
    const { body } = (await send(name))!;
    assert.equal(body.error!.code, 'internal');
    assert.doesNotMatch(JSON.stringify(body), /secret/);
  }
  assert.equal(lines.filter(({ level }) => level === 'error').length, 2);
});

test('a retained command is ignored and counted', async () => {
  const { commands, send, counters } = setUp();
  commands.register('ping', () => assert.fail('carried out'));
  assert.equal(await send('ping', '', { retain: true }), undefined);
  assert.equal(counters.commandsRetained, 1);
});

test('a command that does not end is answered all the same, and too many at a time are refused', async () => {
  const { commands, send, clock, answers } = setUp();
  commands.register('hang', () => new Promise(() => undefined));
  for (let i = 0; i < 32; i++) await send('hang');
  assert.equal((await send('hang'))!.body.error!.code, 'busy');
  clock.advance(10_000);
  await settle();
  assert.equal(answers.filter(({ body }) => body.error?.code === 'timeout').length, 32);
  assert.equal(clock.waiting, 0);
});

test('answers go where the request says, if that is a place for answers', async () => {
  const { commands, send } = setUp();
  commands.register('ping', () => 1);
  const correlation = Buffer.from('42');
  const good = await send('ping', '', { responseTopic: 'tactile/reply/robot/1', correlation });
  assert.equal(good!.topic, 'tactile/reply/robot/1');
  assert.equal(good!.correlation, correlation);
  const bad = await send('ping', '', { responseTopic: `${root}/cmd/shutdown` });
  assert.equal(bad!.topic, `${root}/resp/ping`);
});

test('a command has one handler', () => {
  const { commands } = setUp();
  commands.register('ping', () => 1);
  assert.throws(() => commands.register('ping', () => 2), /already/);
  assert.throws(() => commands.register('a/b', () => 2), RangeError);
});

test('whatever arrives on a command topic is answered once', async () => {
  const { commands, send, answers } = setUp();
  commands.register('echo', ({ body }) => body);
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.constant('echo'), fc.string()),
      fc.oneof(fc.string(), fc.json()),
      async (name, payload) => {
        const before = answers.length;
        await send(name, payload);
        assert.equal(answers.length, before + 1);
        assert.ok(answers.at(-1)!.topic.startsWith(`${root}/resp/`));
      },
    ),
  );
});
