import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultLog } from '../../../../runtime/log/index.js';
import { recordingLog } from '../../../support/log.js';

test('the same fault again is a debug line, another one an error', () => {
  const { log, lines } = recordingLog();
  const tell = faultLog(log, 'it was not done');
  const [one, two] = [new Error('one'), new Error('two')];
  for (const error of [one, one, two, one]) tell(error, { at: 'x' });
  assert.deepEqual(
    lines.map(({ level }) => level),
    ['error', 'debug', 'error', 'error'],
  );
  assert.deepEqual(lines[0], { level: 'error', facts: { err: one, at: 'x' }, message: 'it was not done' });
});
