import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * Starts a process of this folder that says what it does, and waits for its end by SIGKILL: by its own hand (`exactly`)
 * before operation `at`, or by ours when it has told of it. Rejects when it ends in another way.
 */
export async function killedProcess(
  args: readonly [script: string, ...args: string[]],
  { at, exactly, hear }: { at: number; exactly: boolean; hear: (word: string, value: unknown) => void },
): Promise<{ operations: number }> {
  const [script, ...rest] = args;
  const child = spawn(process.execPath, [script, ...rest], { stdio: ['ignore', 'pipe', 'inherit'] });
  let operations = 0;
  createInterface(child.stdout).on('line', (line) => {
    const space = line.indexOf(' ');
    const word = line.slice(0, space);
    if (word === 'operation') operations++;
    else hear(word, JSON.parse(line.slice(space + 1)));
    if (!exactly && operations > at) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve({ operations });
      else reject(new Error(`the process ended by itself with ${code ?? signal}`));
    });
  });
}
