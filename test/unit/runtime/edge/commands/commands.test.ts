import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoadedModel } from '../../../../../runtime/inference/index.js';
import { FakeClock } from '../../../../support/clock.js';
import { edgeCommands, refusal } from '../../../../support/edge-commands.js';

test('log-level changes the level and answers with it', async () => {
  const levels: string[] = [];
  const { send } = edgeCommands({ setLogLevel: (level) => levels.push(level) });
  assert.deepEqual(await send('log-level', { level: 'debug' }), { level: 'debug' });
  assert.deepEqual(levels, ['debug']);
});

test('an unknown level is refused with the levels there are, and changes nothing', async () => {
  const levels: string[] = [];
  const { send } = edgeCommands({ setLogLevel: (level) => levels.push(level) });
  for (const level of ['loud', 3, undefined]) {
    const { code, message } = await refusal(send('log-level', { level }));
    assert.equal(code, 'bad-body');
    assert.match(message, /level: must be one of trace, debug, info/);
  }
  assert.deepEqual(levels, []);
});

test('an edge whose log is not its own has no such command', async () => {
  const { send } = edgeCommands({});
  assert.equal((await refusal(send('log-level', { level: 'debug' }))).code, 'unknown-command');
});

test('status tells the edge, each sensor and each pipeline', async () => {
  const online = { state: 'online', reason: '', identity: undefined, sinceUs: 0 } as const;
  const { send } = edgeCommands({
    status: {
      report: () => ({ status: 'degraded', reasons: ['pipeline slip: no file'] }),
      pipelines: new Map([
        ['touch', { state: 'running', reason: '', model: { id: 'demo', version: '1' } as LoadedModel }],
        ['grasp', { state: 'failed', reason: 'broken', model: undefined }],
      ]),
      refused: () => new Map([['slip', 'no file']]),
      sensorStates: new Map([['mat', online]]),
      recording: () => ['mat'],
    },
  });
  assert.deepEqual(await send('status'), {
    status: 'degraded',
    reasons: ['pipeline slip: no file'],
    sensors: { mat: { state: 'online' } },
    pipelines: {
      slip: { state: 'failed', reason: 'no file' },
      touch: { state: 'running', model: 'demo@1' },
      grasp: { state: 'failed', reason: 'broken' },
    },
    recording: ['mat'],
  });
});

test('shutdown is refused unless the configuration lets it, and then begins when the answer has left', async () => {
  let begun = 0;
  const begin = (): void => void begun++;
  const clock = new FakeClock();
  for (const target of [
    { allowed: false, begin, clock },
    { allowed: true, clock },
  ]) {
    const { code, remedy } = await refusal(edgeCommands({ shutdown: target }).send('shutdown'));
    assert.equal(code, 'not-allowed');
    assert.match(remedy!, /commands\.shutdown: true/);
  }
  const { send } = edgeCommands({ shutdown: { allowed: true, begin, clock } });
  assert.deepEqual(await send('shutdown'), { shutdown: 'begun' });
  assert.equal(begun, 0);
  clock.advance(50);
  assert.equal(begun, 1);
});
