import { writeSync } from 'node:fs';
import { disk, type FileSystem } from '../../runtime/durable/index.js';

const changing = [
  'makeFolder',
  'write',
  'syncFile',
  'syncFolder',
  'rename',
  'link',
  'remove',
  'removeFolder',
  'setWritable',
] as const;

/** Says something to the process that is going to kill this one. */
export function say(word: string, value: unknown = ''): void {
  writeSync(1, `${word} ${JSON.stringify(value)}\n`);
}

/** The real disk, with a word before each operation; before operation `killAt` the process kills itself. */
export function toldDisk(killAt: number): FileSystem {
  let operations = 0;
  const told: FileSystem = { ...disk };
  for (const name of changing) {
    const act = disk[name] as (...args: unknown[]) => Promise<void>;
    Object.assign(told, {
      [name]: (...args: unknown[]) => {
        if (operations === killAt) process.kill(process.pid, 'SIGKILL');
        operations++;
        say('operation', name);
        return act(...args);
      },
    });
  }
  return told;
}
