import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { MAX_COMMAND_BYTES } from '../../../../runtime/publish/command-body.js';
import { Commands } from '../../../../runtime/publish/commands.js';
import { createPublishCounters } from '../../../../runtime/publish/counters.js';
import { CommandError } from '../../../../runtime/publish/index.js';
import type { ResponseBody } from '../../../../runtime/publish/messages/response.js';
import { Topics } from '../../../../runtime/publish/topics.js';
import { Refusal } from '../../../../runtime/swap/refusal.js';
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

test('a payload that is no JSON object is refused in our words, with what to send', async () => {
  const { send } = setUp();
  for (const [payload, message] of [
    ['{"a":', 'the payload is not valid JSON'],
    ["{'a': 1}", 'the payload is not valid JSON'],
    ['[1]', 'the payload is JSON, but no object'],
  ] as const) {
    const { error } = (await send('help', payload))!.body;
    assert.deepEqual([error!.code, error!.message], ['bad-json', message]);
    assert.match(error!.remedy!, /send an object such as \{"pipeline"/);
  }
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

test('a retained command is refused and counted', async () => {
  const { commands, send, counters } = setUp();
  commands.register('ping', () => assert.fail('carried out'));
  const { body } = (await send('ping', '{"transaction":"1"}', { retain: true }))!;
  assert.deepEqual([body.error!.code, body.transaction], ['retained', '1']);
  assert.equal(counters.commandsRetained, 1);
});

test('a command whose time is over is refused: by its expiry under MQTT 5, or by expires_us', async () => {
  const { commands, send, counters, clock } = setUp();
  let done = 0;
  commands.register('ping', () => done++);
  const nowUs = clock.nowUs();
  for (const [payload, more] of [
    ['', { expiryS: 0 }],
    [`{"expires_us":${nowUs - 1}}`, {}],
    ['{"expires_us":-1}', { expiryS: 9 }],
  ] as const)
    assert.equal((await send('ping', payload, more))!.body.error!.code, 'expired');
  assert.equal(done, 0);
  for (const [payload, more] of [
    ['', { expiryS: 1 }],
    [`{"expires_us":${nowUs}}`, {}],
  ] as const)
    assert.equal((await send('ping', payload, more))!.body.status, 'ok');
  assert.deepEqual([done, counters.commandsExpired], [2, 3]);
});

test('a body is checked: an unknown key, a wrong type and a missing key are named, with the keys there are', async () => {
  const { commands, send } = setUp();
  const body = z.strictObject({
    sensor: z.string().describe('its name'),
    seconds: z.number().min(1).optional(),
  });
  commands.register('calibrate', ({ body: given }) => given, { about: 'measures rest', body });
  const good = await send('calibrate', '{"sensor":"mat","transaction":"7","expires_us":9e15}');
  assert.deepEqual([good!.body.data, good!.body.transaction], [{ sensor: 'mat' }, '7']);
  for (const [payload, message] of [
    ['{"sensr":"mat"}', /sensr: is not a known key; did you mean sensor\?/],
    ['{"sensor":"mat","seconds":0}', /seconds: must be at least 1, is 0/],
    ['{"sensor":["mat"]}', /sensor: must be a text, is a list/],
    ['{"sensor":"mat","__proto__":{}}', /__proto__: is not a known key/],
    ['', /sensor: is missing/],
  ] as const) {
    const { error } = (await send('calibrate', payload))!.body;
    assert.equal(error!.code, 'bad-body');
    assert.match(error!.message, message);
    assert.equal(error!.remedy, 'known keys: sensor, seconds');
  }
  const { error } = (await send('help', '{"a":1}'))!.body;
  assert.deepEqual(
    [error!.message, error!.remedy],
    ['a: is not a known key; there are none here', 'it takes no keys: send an empty payload'],
  );
});

test('help lists what there is', async () => {
  const { commands, send } = setUp();
  const body = z.strictObject({ sensor: z.string().describe('its name'), seconds: z.number().optional() });
  commands.register('calibrate', () => 1, { about: 'measures rest', body });
  assert.deepEqual((await send('help'))!.body.data, {
    commands: [
      { name: 'calibrate', about: 'measures rest', keys: { sensor: 'its name', seconds: ' (optional)' } },
      { name: 'help', about: 'what can be commanded', keys: {} },
    ],
  });
});

test('JSON that nests too deep is refused before it is parsed', async () => {
  const { commands, send } = setUp();
  commands.register('echo', ({ body }) => body);
  const nested = (depth: number): string => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
  assert.equal((await send('echo', nested(32)))!.body.status, 'ok');
  assert.match((await send('echo', nested(33)))!.body.error!.message, /nest deeper than 32/);
});

test('errors with a code and a remedy are told as they are, whoever throws them', async () => {
  const { commands, send } = setUp();
  commands.register('activate', () => {
    throw new Refusal('not_found', 'grasp@3 is not in the store');
  });
  commands.register('read', () => {
    throw Object.assign(new Error('open /etc/secret'), { code: 'ENOENT' });
  });
  assert.deepEqual((await send('activate'))!.body.error, {
    code: 'not_found',
    message: 'grasp@3 is not in the store',
    remedy: '`whorl models ls` tells which versions there are',
  });
  assert.equal((await send('read'))!.body.error!.code, 'internal');
});

test('a command that says so may take longer', async () => {
  const { commands, send, clock, answers } = setUp();
  let end = (): void => {};
  const work = (): Promise<void> =>
    new Promise((resolve) => {
      end = resolve;
    });
  commands.register('slow', work, { about: 'slow', body: z.strictObject({}), limitMs: 60_000 });
  await send('slow');
  clock.advance(59_999);
  await settle();
  assert.equal(answers.length, 0);
  end();
  await settle();
  assert.equal(answers[0]!.body.status, 'ok');
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

test('a command that comes twice is carried out once, and answered twice', async () => {
  const { commands, send, clock } = setUp();
  let times = 0;
  commands.register('back', () => ({ times: ++times }));
  const named = '{"transaction":"t1"}';
  const correlation = Buffer.from('c1');
  assert.deepEqual((await send('back', named))!.body.data, { times: 1 });
  assert.deepEqual((await send('back', named))!.body, {
    command: 'back',
    ...{ transaction: 't1', status: 'ok', data: { times: 1 } },
  });
  await send('back', '', { correlation });
  assert.deepEqual((await send('back', '', { correlation }))!.correlation, correlation);
  assert.equal(times, 2);
  await send('back');
  await send('back');
  assert.equal(times, 4, 'nothing says that it is the same request');
  await send('back', '{"transaction":"t1","expires_us":9e15}');
  assert.equal(times, 5, 'another payload');
  clock.advance(10_000);
  await send('back', named);
  assert.equal(times, 6, 'after a while it is meant anew');
});
