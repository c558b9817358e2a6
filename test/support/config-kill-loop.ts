/** Processes that write a configuration file are killed again and again; each time it must be valid, the old or the new. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../models/index.js';
import { loadConfig } from '../../runtime/config/index.js';
import { killedProcess } from './killed-process.js';

export interface ConfigKillOptions {
  readonly kills: number;
  readonly seed: number;
  /** Of the file; it is made. */
  readonly folder: string;
  readonly progress?: (kills: number) => void;
}

const worker = join(import.meta.dirname, 'config-worker.js');
/** A round of the worker has so many operations on the disk; a few rounds are enough. */
const mostOperations = 60;

const first = `# kept
configVersion: 2
sensors:
  f: { transport: { kind: simulator }, driver: { kind: tef } } # a sensor
pipelines:
  p: { sensors: [f], model: demo, validMs: 500 } # a pipeline
`;

/**
 * Kills `kills` processes, in turn exactly before an operation and at whatever moment the signal arrives. Rejects when a
 * file was not valid, or neither what stood there before nor what was to; resolves to what the kills hit.
 */
export async function configKillLoop(options: ConfigKillOptions): Promise<Record<string, number>> {
  const { kills, seed, folder, progress } = options;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'whorl.yaml');
  writeFileSync(file, first);
  const random = seededRandom(seed);
  const figures = {
    kills: 0,
    during_write: 0,
    locks_left: 0,
    temporary_left: 0,
    operations: 0,
    old: 0,
    new: 0,
  };
  for (let kill = 0; kill < kills; kill++) {
    const at = Math.floor(random() * mostOperations);
    let before = readFileSync(file, 'utf8');
    let wanted: string | undefined;
    const { operations } = await killedProcess([worker, file, String(kill % 2 === 0 ? at : -1)], {
      ...{ at, exactly: kill % 2 === 0 },
      hear: (word, value) => {
        if (word === 'done') [before, wanted] = [wanted!, undefined];
        else wanted = String(value);
      },
    });
    const found = check(file, [before, ...(wanted === undefined ? [] : [wanted])]);
    figures.kills++;
    figures.operations += operations;
    if (wanted !== undefined) {
      figures.during_write++;
      figures[found === wanted ? 'new' : 'old']++;
    }
    if (existsSync(`${file}.tmp`)) figures.temporary_left++;
    if (readdirSync(folder).includes('.whorl.yaml.lock')) figures.locks_left++;
    progress?.(figures.kills);
  }
  return figures;
}

/** What a fresh start finds. */
function check(file: string, allowed: readonly string[]): string {
  const found = readFileSync(file, 'utf8');
  assert.ok(allowed.includes(found), `${found}\nis none of\n${allowed.join('\n')}`);
  const result = loadConfig({ file });
  assert.ok('config' in result, JSON.stringify(result));
  assert.equal(result.config.sensors['f']?.driver?.kind, 'tef');
  return found;
}
