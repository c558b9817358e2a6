import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { type EventBatch, sliceEvents, TefEncoder } from '../../devices/index.js';
import { root } from './paths.js';

const firmware = join(root, 'devices', 'firmware');
const sketch = join(firmware, 'whorl_matrix');
const core = join(sketch, 'src');
const coreFiles = ['tef', 'tef_device', 'send_on_delta'];
const here = join(root, 'test', 'firmware');
const warnings = ['-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Werror'];
const sanitizers = ['-g', '-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

/** Boards of the sketch, each with the macros that its Arduino core defines. */
export const boards = {
  'Teensy 3': ['TEENSYDUINO'],
  'Teensy 4': ['TEENSYDUINO', '__IMXRT1062__'],
  RP2040: ['ARDUINO_ARCH_RP2040'],
  ESP32: ['ARDUINO_ARCH_ESP32'],
} as const;

/** Programs made of the firmware's sources, in a folder of their own. A warning fails the build. */
export class FirmwareBuild {
  #made: string | undefined;

  /** `tef-sim`; `checked`: with the sanitizers. */
  simulator({ checked }: { checked: boolean }): string {
    return this.#c('tef-sim', [join(firmware, 'host', 'tef_sim.c')], checked);
  }

  /** The core behind lines of text (test/firmware/core.c), with the sanitizers. */
  core(): string {
    return this.#c(
      'core',
      ['core', 'device', 'words'].map((file) => join(here, `${file}.c`)),
      true,
    );
  }

  /** The sketch as it is for that board, on a computer, with the sanitizers. */
  sketch(board: keyof typeof boards): string {
    const program = join(this.#folder, 'sketch');
    const macros = boards[board].map((macro) => `-D${macro}`);
    const folders = [`-I${join(here, 'mock')}`, `-I${sketch}`];
    const sources = [join(here, 'mock', 'main.cpp'), ...this.#objects()];
    execFileSync('g++', [
      '-std=c++17',
      ...warnings,
      ...sanitizers,
      ...macros,
      ...folders,
      '-o',
      program,
      ...sources,
    ]);
    return program;
  }

  remove(): void {
    if (this.#made !== undefined) rmSync(this.#made, { recursive: true, force: true });
  }

  /** Made when something is built: where there is no compiler, nothing is. */
  get #folder(): string {
    this.#made ??= mkdtempSync(join(tmpdir(), 'whorl-firmware-'));
    return this.#made;
  }

  /** The parts of the core, compiled once. */
  #objects(): string[] {
    return coreFiles.map((file) => {
      const object = join(this.#folder, `${file}.o`);
      if (!existsSync(object))
        execFileSync('gcc', [
          '-std=c99',
          ...warnings,
          ...sanitizers,
          '-c',
          '-o',
          object,
          join(core, `${file}.c`),
        ]);
      return object;
    });
  }

  #c(name: string, sources: readonly string[], checked: boolean): string {
    const program = join(this.#folder, name);
    const flags = ['-std=c99', ...warnings, '-Wconversion', ...(checked ? sanitizers : ['-O2']), `-I${core}`];
    const all = [...sources, ...coreFiles.map((file) => join(core, `${file}.c`))];
    execFileSync('gcc', [...flags, '-o', program, ...all]);
    return program;
  }
}

/** The running core program: one question a line, one answer a line. A finding of the sanitizers rejects what waits. */
export class FirmwareCore {
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  #errors = '';

  constructor(program: string) {
    const child = spawn(program, { stdio: 'pipe' });
    this.#child = child;
    child.stderr.on('data', (text) => (this.#errors += String(text)));
    this.#lines = createInterface(child.stdout);
    this.#lines.on('line', (line) => this.#waiting.shift()?.resolve(line));
    child.on('close', (code) => {
      for (const { reject } of this.#waiting)
        reject(new Error(`the core ended with ${code}: ${this.#errors}`));
    });
  }

  ask(...words: readonly (string | number | bigint)[]): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin!.write(`${words.join(' ')}\n`);
    });
  }

  /** EVENTS frames; times are ticks. `seq` is the number of the first. */
  events(batch: EventBatch, { seq = 0, frameBytes = 255, dropped = 0 } = {}): Promise<string> {
    const pairs = Array.from({ length: batch.length }, (_, i) => [tick(batch, i), address(batch, i)]);
    const base = batch.length === 0 ? 0 : tick(batch, 0);
    return this.ask('events', seq, frameBytes, dropped, base, batch.length, ...pairs.flat());
  }

  /** SCAN frames. */
  scan(batch: EventBatch, { seq = 0, frameBytes = 255, dropped = 0 } = {}): Promise<string> {
    const groups: number[][] = [];
    for (let i = 0; i < batch.length; ) {
      const from = i;
      while (i < batch.length && batch.tUs[i] === batch.tUs[from]) i++;
      const group = sliceEvents(batch, from, i);
      groups.push([
        tick(group, 0),
        group.length,
        ...Array.from({ length: group.length }, (_, k) => address(group, k)),
      ]);
    }
    const base = batch.length === 0 ? 0 : tick(batch, 0);
    return this.ask('scan', seq, frameBytes, dropped, base, groups.length, ...groups.flat());
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}

/** An encoder whose next frame has the number `seq`. */
export function encoderAt(seq: number, frameBytes = 255): TefEncoder {
  const encoder = new TefEncoder({ frameBytes });
  for (let i = 0; i < seq; i++) encoder.describe();
  return encoder;
}

function tick(batch: EventBatch, i: number): number {
  return batch.tUs[i]! % 2 ** 32;
}

function address(batch: EventBatch, i: number): number {
  return (batch.taxel[i]! << 1) | batch.polarity[i]!;
}

/** Addresses of the first events that tef-sim makes. */
export function simulatedAddresses(seed: number, taxels: number, count: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (((state >>> 8) % taxels) << 1) | ((state >>> 20) & 1);
  });
}
