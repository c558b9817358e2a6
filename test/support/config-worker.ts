/**
 * A process that writes a configuration file without end, to be killed: saves options as the command `options` does, and
 * lays the file out in the older version and migrates it. It tells each operation on the disk before it does it, and what
 * it wants to stand in the file before it begins and when that is done.
 *
 *   node config-worker.js FILE KILL_AT     kills itself before operation KILL_AT; -1: waits to be killed
 */
import { readFileSync } from 'node:fs';
import { loadConfig, migratedFile, writeConfigFile } from '../../runtime/config/index.js';
import { Reload } from '../../runtime/edge/reload.js';
import { Settings } from '../../runtime/edge/settings.js';
import { recordingLog } from './log.js';
import { say, toldDisk } from './told-disk.js';

const [file, killAt] = process.argv.slice(2) as [string, string];
const files = toldDisk(Number(killAt));

function text(): string {
  return readFileSync(file, 'utf8');
}

/** One more option in the file: what stands there afterwards is known before. */
async function save(validMs: number): Promise<void> {
  const loaded = loadConfig({ file });
  if ('errors' in loaded) throw new Error(JSON.stringify(loaded.errors));
  const settings = new Settings(loaded.config);
  const { log } = recordingLog();
  const reload = new Reload({ source: { file, text: loaded.text }, settings, log, files });
  say('begin', loaded.text.replace(/validMs: \d+/, `validMs: ${validMs}`));
  await reload.set({ 'pipelines.p.validMs': validMs }, true);
  say('done');
}

async function write(before: string, after: string, keep: boolean): Promise<void> {
  say('begin', after);
  await writeConfigFile(files, { file, before, after, keep });
  say('done');
}

for (let round = 1; ; round++) {
  await save(round);
  const newer = text();
  const older = newer
    .replace('configVersion: 2', 'configVersion: 1')
    .replace('driver: { kind: tef }', 'codec: tef');
  if (older !== newer) await write(newer, older, false); // else the process before was killed between the two
  await write(older, migratedFile(older)!, true);
}
