import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { notifySocket } from '../support/notify-socket.js';
import { whorl } from '../support/paths.js';
import { freePort } from '../support/ports.js';
import { needs } from '../support/programs.js';
import { temporaryFolder } from '../support/small-model.js';

test('whorl run tells systemd when it is ready, how it is, that it is alive, that it reloads, and that it stops', {
  skip: needs('systemd-notify', 'python3'),
  timeout: 30_000,
}, async (t) => {
  const { path, hear } = await notifySocket(t);
  const config = join(temporaryFolder(), 'whorl.yaml');
  writeFileSync(
    config,
    `broker: { port: ${await freePort()} }
sensors:
  finger: { transport: { kind: simulator } }
pipelines:
  touch: { sensors: [finger], model: demo }
`,
  );
  const env = { ...process.env, NOTIFY_SOCKET: path, WATCHDOG_USEC: '200000' };
  const daemon = spawn(process.execPath, [whorl, 'run', '--config', config], { env, stdio: 'ignore' });
  t.after(() => daemon.kill('SIGKILL'));
  await hear('READY=1');
  await hear('STATUS=ready');
  await hear('WATCHDOG=1');
  const before = (await hear('READY=1')).length;
  daemon.kill('SIGHUP');
  await hear('RELOADING=1\nMONOTONIC_USEC=');
  await hear('READY=1', before);
  daemon.kill('SIGTERM');
  const [code] = (await once(daemon, 'exit')) as [number];
  assert.equal(code, 0);
  await hear('STOPPING=1');
});
