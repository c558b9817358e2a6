import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CliError, errorText, exitCodeOf, exitCodes } from '../../../../runtime/cli/exit.js';

function systemError(): unknown {
  try {
    return readFileSync('/no/such/file');
  } catch (error) {
    return error;
  }
}

test('errors of use are told in a line, without a stack; faults of the program with it', () => {
  assert.equal(errorText(new CliError('no such thing')), 'whorl: no such thing');
  assert.equal(errorText(new RangeError('3 is too many')), 'whorl: 3 is too many');
  assert.equal(errorText(systemError()), 'whorl: /no/such/file: no such file or directory');
  assert.match(
    errorText(new TypeError('x is undefined')),
    /a fault of whorl itself.*\nTypeError: x.*\n +at /s,
  );
  assert.equal(errorText('text'), 'whorl: text');
});

test('exit codes', () => {
  assert.equal(exitCodeOf(new CliError('usage', exitCodes.usage)), 2);
  assert.equal(exitCodeOf(new CliError('failed')), 1);
  assert.equal(exitCodeOf(systemError()), 1);
});
