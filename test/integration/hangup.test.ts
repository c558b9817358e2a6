/** `whorl run` in a terminal that is closed. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { whorl } from '../support/paths.js';
import { freePort } from '../support/ports.js';
import { needs } from '../support/programs.js';
import { temporaryFolder } from '../support/small-model.js';

/** Starts a program in a terminal of its own, closes that when the program has said a word, and prints how it ended. */
const closing = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0: os.execv(sys.argv[2], sys.argv[2:])
heard = b""
while sys.argv[1].encode() not in heard: heard += os.read(terminal, 4096)
os.close(terminal)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))`;

test('a terminal that is closed ends the daemon in it, as Ctrl-C would', {
  skip: needs('python3'),
  timeout: 60_000,
}, async () => {
  const config = join(temporaryFolder(), 'whorl.yaml');
  writeFileSync(
    config,
    `broker: { port: ${await freePort()} }\nsensors: { finger: { transport: { kind: simulator } } }\n`,
  );
  const argv = ['-c', closing, 'whorl is up', process.execPath, whorl, 'run', '--config', config];
  const { stdout } = await promisify(execFile)('python3', argv, { timeout: 50_000 });
  assert.equal(stdout.trim(), '0');
});
