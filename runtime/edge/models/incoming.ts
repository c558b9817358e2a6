/** A folder that is watched: what appears there, whole, is handed on once. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Timer } from '../../clock.js';
import { signaturePath } from '../../swap/index.js';

export const lookEveryMs = 2000;
/** Files beyond are left for when others are gone. */
const mostFiles = 1000;

export interface IncomingOptions {
  readonly folder: string;
  readonly clock: Clock;
  /**
   * Takes the path of a model file that has not changed between two looks, and how often it was taken in vain before, as
   * it is. Resolves to whether that is done; if not, it comes again at the next look.
   */
  readonly onFile: (path: string, before: number) => Promise<boolean>;
  /** The folder cannot be read; told once, until it can. */
  readonly onFault: (reason: string) => void;
}

/**
 * Looks every two seconds, because notifications of file systems do not come everywhere. A file that is still being
 * copied changes between two looks; one that was taken is handed on again only when it, or its signature, has changed.
 */
export class Incoming {
  /** How each file was at the last look. */
  #seen = new Map<string, string>();
  /** How each file was when it was handed on. */
  readonly #done = new Map<string, string>();
  /** How often each file that is not done was handed on as it is. */
  readonly #tries = new Map<string, { readonly state: string; readonly count: number }>();
  #timer: Timer | undefined;
  #stopped = false;
  #isFaulty = false;

  constructor(private readonly options: IncomingOptions) {}

  start(): void {
    this.#wait();
  }

  stop(): void {
    this.#stopped = true;
    this.options.clock.clearTimer(this.#timer);
  }

  /** One look; hands on what is whole, one file after the other. */
  async look(): Promise<void> {
    const now = await this.#states();
    if (now === undefined) return;
    const before = this.#seen;
    this.#seen = now;
    for (const known of [this.#done, this.#tries])
      for (const name of known.keys()) if (!now.has(name)) known.delete(name);
    for (const [name, state] of now) {
      if (this.#stopped) return;
      if (before.get(name) !== state || this.#done.get(name) === state) continue;
      await this.#hand(name, state);
    }
  }

  async #hand(name: string, state: string): Promise<void> {
    const tried = this.#tries.get(name);
    const count = tried?.state === state ? tried.count : 0;
    const isDone = await this.options.onFile(join(this.options.folder, name), count);
    if (isDone) this.#done.set(name, state);
    if (isDone) this.#tries.delete(name);
    else this.#tries.set(name, { state, count: count + 1 });
  }

  #wait(): void {
    this.#timer = this.options.clock.setTimer(() => {
      void this.look().finally(() => {
        if (!this.#stopped) this.#wait();
      });
    }, lookEveryMs);
  }

  async #states(): Promise<Map<string, string> | undefined> {
    const { folder, onFault } = this.options;
    try {
      const names = (await readdir(folder)).filter((name) => /^[^.].*\.safetensors$/.test(name)).sort();
      const states = new Map<string, string>();
      for (const name of names.slice(0, mostFiles)) {
        const path = join(folder, name);
        const [file, signature] = await Promise.all([path, signaturePath(path)].map(stateOf));
        if (file !== undefined) states.set(name, `${file} ${signature ?? ''}`);
      }
      this.#isFaulty = false;
      return states;
    } catch (error) {
      if (!this.#isFaulty) onFault((error as Error).message);
      this.#isFaulty = true;
      return undefined;
    }
  }
}

/** Size and time of a file; undefined when there is none. */
async function stateOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? `${found.size} ${found.mtimeMs}` : undefined;
}
