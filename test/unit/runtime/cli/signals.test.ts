import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meaningOfHangup, terminalStreams } from '../../../../runtime/cli/signals.js';

test('a hangup ends a daemon at a terminal, and has a service read its configuration again', () => {
  const at = (...terminals: number[]) => meaningOfHangup(terminalStreams((fd) => terminals.includes(fd)));
  assert.deepEqual([at(0, 1), at(0), at(1)], ['end', 'end', 'end']);
  assert.deepEqual([at(), at(2)], ['reload', 'reload'], 'systemd, nohup, a log to the terminal of another');
});
