/**
 * `engine: auto`: the fastest engine for a model on this machine, measured when the model is loaded and remembered for
 * the next start. What is remembered is a hint and nothing more: the self-test still decides whether a model may serve.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { cpus, homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { engines, fastestOf, type Measurement, type Model, measureEngines } from '../../models/index.js';
import { version } from '../version.js';

/** Choices that are remembered; the oldest give way. */
const mostRemembered = 200;

export interface EngineTable {
  /** Every engine and mode with its time or its reason, the best first. */
  readonly table: readonly Measurement[];
  /** True when it was measured at an earlier start. */
  readonly remembered: boolean;
}

/** Where choices are remembered. */
export interface EngineMemory {
  read(key: string): Promise<readonly Measurement[] | undefined>;
  write(key: string, table: readonly Measurement[]): Promise<void>;
}

export interface ChoiceOptions {
  readonly nowMs: () => number;
  /** Time that measuring may take, in milliseconds: it delays the first start of a model on a machine. Default 1500. */
  readonly budgetMs?: number;
  readonly memory?: EngineMemory;
}

/** Measures the engines for a model, or recalls what was measured before. Rejects when no engine can run the model. */
export async function chooseEngine(
  model: Model,
  { nowMs, budgetMs = 1500, memory = fileMemory() }: ChoiceOptions,
): Promise<EngineTable> {
  const key = `${model.sha256} ${machine()}`;
  const known = await memory.read(key);
  if (known !== undefined) return { table: known, remembered: true };
  const table = await measureEngines(model, { budgetMs, nowMs });
  fastestOf(table);
  await memory.write(key, table);
  return { table, remembered: false };
}

/** What a measurement depends on beside the model. */
function machine(): string {
  const parts = [
    version,
    process.version,
    process.arch,
    cpus()[0]?.model,
    cpus().length,
    engines.map(({ name, modes }) => [name, modes]),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/** A JSON file in the user's cache folder. A file that cannot be read or written costs a new measurement, no more. */
export function fileMemory(path = defaultPath()): EngineMemory {
  const readAll = async (): Promise<Record<string, Measurement[]>> => {
    try {
      const value: unknown = JSON.parse(await readFile(path, 'utf8'));
      return typeof value === 'object' && value !== null ? (value as Record<string, Measurement[]>) : {};
    } catch {
      return {};
    }
  };
  return {
    async read(key) {
      const table = (await readAll())[key];
      return isTable(table) ? table : undefined;
    },
    async write(key, table) {
      const { [key]: _, ...others } = await readAll();
      const kept = Object.entries({ ...others, [key]: table }).slice(-mostRemembered);
      const temporary = `${path}.${process.pid}.tmp`;
      try {
        await mkdir(dirname(path), { recursive: true });
        await writeFile(temporary, JSON.stringify(Object.fromEntries(kept)), { flush: true });
        await rename(temporary, path);
      } catch {
        // A read-only home: the next start measures again.
      }
    },
  };
}

function defaultPath(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'whorl', 'engines.json');
}

/** The file may have been edited, or written by another version. */
function isTable(value: unknown): value is Measurement[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  const [best] = value as Partial<Measurement>[];
  return (
    best?.agrees === true &&
    engines.some(({ name, modes }) => name === best.engine && modes.includes(best.mode ?? ''))
  );
}
