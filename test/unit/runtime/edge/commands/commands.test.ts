import assert from 'node:assert/strict';
import { test } from 'node:test';
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
