import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Cleanup } from './cleanup.js';
import { whorl } from './paths.js';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `whorl` command as a process of its own; it is killed when the test ends. */
export class Command {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  #stdout = '';
  #stderr = '';
  #ended = false;
  #check = (): void => {};
  /** Fulfilled when it has ended and everything it said is here. */
  readonly finished: Promise<Finished>;

  constructor(t: Cleanup, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const child = spawn(process.execPath, [whorl, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, WHORL_CONFIG: '', ...env },
    });
    this.#child = child;
    t.after(() => child.kill('SIGKILL'));
    child.stdout.on('data', (text) => (this.#stdout += String(text)));
    child.stderr.on('data', (text) => (this.#stderr += String(text)));
    for (const stream of [child.stdout, child.stderr])
      createInterface(stream).on('line', (line) => {
        this.#lines.push(line);
        this.#check();
      });
    this.finished = new Promise((resolve) => {
      child.once('close', (code) => {
        this.#ended = true;
        this.#check();
        resolve({ code, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  /** Resolves to the first line, on either stream, that fits. Rejects when it ends without one. */
  line(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#check = () => {
        const found = this.#lines.find((line) => pattern.test(line));
        if (found !== undefined) resolve(found);
        else if (this.#ended) reject(new Error(`no line is like ${pattern}:\n${this.#lines.join('\n')}`));
      };
      this.#check();
    });
  }

  /** Closes our end of its standard output. */
  stopReading(): void {
    this.#child.stdout?.destroy();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  get pid(): number {
    return this.#child.pid!;
  }
}

/** Runs a `whorl` command to its end. */
export function run(
  t: Cleanup,
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<Finished> {
  return new Command(t, args, env).finished;
}
