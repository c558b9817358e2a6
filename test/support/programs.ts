import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where a program is, or undefined; looks into sbin too, where Debian puts mosquitto. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** `false` when all programs are there, else the reason to skip: for `test(name, { skip: needs('socat') }, ...)`. */
export function needs(...programs: string[]): false | string {
  const missing = programs.filter((name) => findProgram(name) === undefined);
  return missing.length === 0
    ? false
    : `needs ${missing.join(', ')} (Debian: apt install mosquitto mosquitto-clients socat systemd g++)`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
