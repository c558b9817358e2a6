/**
 * One process at a time: a symbolic link whose target names its owner. A link is made in one operation together with its
 * content, so there is never a lock without an owner; that of a process which is gone is taken away.
 */
import { readFileSync } from 'node:fs';
import { errorCode, type FileSystem } from './file-system.js';

/** Who may own a lock. */
export interface Processes {
  /** Name of this process; no other one has it, also after a restart of the machine. */
  readonly self: string;
  isAlive(owner: string): boolean;
}

/** Takes the lock; false: a living process has it. */
export async function takeLock(files: FileSystem, path: string, processes: Processes): Promise<boolean> {
  if (await makeLink(files, path, processes.self)) return true;
  const owner = await ownerOf(files, path);
  if (owner !== undefined && processes.isAlive(owner)) return false;
  await dropLock(files, path);
  return makeLink(files, path, processes.self);
}

/** Gives the lock back; one that is gone already is no error. */
export async function dropLock(files: FileSystem, path: string): Promise<void> {
  try {
    await files.remove(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

async function makeLink(files: FileSystem, path: string, owner: string): Promise<boolean> {
  try {
    await files.link(owner, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function ownerOf(files: FileSystem, path: string): Promise<string | undefined> {
  try {
    return await files.readLink(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'EINVAL') return undefined;
    throw error;
  }
}

/** Processes of this machine: `<pid>.<start>.<boot>`, since numbers of processes come again. */
export const systemProcesses: Processes = {
  self: nameOf(process.pid),
  isAlive(owner) {
    const pid = Number(owner.split('.')[0]);
    if (!Number.isSafeInteger(pid) || pid <= 0 || owner !== nameOf(pid)) return false;
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      return errorCode(error) === 'EPERM'; // alive, and somebody else's
    }
  },
};

/** Without /proc (macOS) the number alone. One that has ended and waits for its parent (a zombie) has no start. */
function nameOf(pid: number): string {
  const stat = textOf(`/proc/${pid}/stat`);
  // Fields behind the name of the program, which may hold spaces: the state is the 3rd of all, the start the 22nd.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const start = fields[0] === 'Z' ? '' : (fields[19] ?? '');
  return [pid, start, textOf('/proc/sys/kernel/random/boot_id').trim()].join('.');
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
