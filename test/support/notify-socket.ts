import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { temporaryFolder } from './small-model.js';

/** Binds a datagram socket and prints what comes; it takes no file descriptors, so the barrier of systemd-notify falls. */
const receive = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("bound", flush=True)
while True: print(s.recv(4096).decode(), flush=True)`;

/** The socket of a service manager, played by Python; lives until the test ends. Resolves when it hears. */
export async function notifySocket(t: TestContext) {
  const path = join(temporaryFolder(), 'notify');
  const receiver = spawn('python3', ['-c', receive, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => {
    receiver.kill();
    rmSync(path, { force: true });
  });
  let heard = '';
  receiver.stdout.on('data', (chunk) => (heard += String(chunk)));
  /** Resolves to all that was heard as soon as this is part of it, behind the first `after` characters. */
  const hear = async (text: string, after = 0): Promise<string> => {
    while (!heard.includes(text, after)) await once(receiver.stdout, 'data');
    return heard;
  };
  await hear('bound');
  return { path, hear };
}
