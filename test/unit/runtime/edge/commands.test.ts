import assert from 'node:assert/strict';
import { test } from 'node:test';
import { registerCommands } from '../../../../runtime/edge/commands.js';
import { CommandError, type CommandHandler } from '../../../../runtime/publish/index.js';

function registered(setLogLevel?: (level: string) => void): Map<string, CommandHandler> {
  const handlers = new Map<string, CommandHandler>();
  registerCommands(
    { onCommand: (name, handler) => void handlers.set(name, handler) },
    { pipelines: new Map(), setLogLevel },
  );
  return handlers;
}

test('log-level changes the level and answers with it', () => {
  const levels: string[] = [];
  const handler = registered((level) => levels.push(level)).get('log-level')!;
  assert.deepEqual(handler({ command: 'log-level', body: { level: 'debug' } }), { level: 'debug' });
  assert.deepEqual(levels, ['debug']);
});

test('an unknown level is refused with the levels there are, and changes nothing', () => {
  const levels: string[] = [];
  const handler = registered((level) => levels.push(level)).get('log-level')!;
  for (const level of ['loud', 3, undefined]) {
    assert.throws(
      () => handler({ command: 'log-level', body: { level } }),
      (error) => error instanceof CommandError && /one of trace, debug, info/.test(error.message),
    );
  }
  assert.deepEqual(levels, []);
});

test('an edge whose log is not its own has no such command', () => {
  assert.deepEqual([...registered().keys()], ['trigger']);
});
