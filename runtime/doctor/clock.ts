/** Whether the wall clock of this machine is disciplined: robots compare its times with theirs. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Finding, findingsOf } from './finding.js';

const { ok, warn } = findingsOf('clock');

/** What systemd-timesyncd leaves when it has set the clock. */
const synchronizedFile = '/run/systemd/timesync/synchronized';

const remedy =
  "'timedatectl set-ntp true', or install chrony; windows are not affected, but times in messages are those of this clock";

/** What the system says: yes, no, or undefined when it cannot be asked. */
export async function clockSynchronized(
  ask: (program: string, args: readonly string[]) => Promise<string> = output,
  exists: (path: string) => boolean = existsSync,
): Promise<boolean | undefined> {
  const answer = await ask('timedatectl', ['show', '--property=NTPSynchronized', '--value']).catch(() => '');
  if (answer.trim() === 'yes') return true;
  if (exists(synchronizedFile)) return true;
  return answer.trim() === 'no' ? false : undefined;
}

export async function checkClock(synchronized = clockSynchronized): Promise<Finding[]> {
  switch (await synchronized()) {
    case true:
      return [ok('the system clock is synchronised by NTP')];
    case false:
      return [warn('the system clock is not synchronised', remedy)];
    default:
      return [
        warn('whether the system clock is synchronised is unknown: timedatectl gives no answer', remedy),
      ];
  }
}

function output(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { timeout: 3000 }, (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });
}
