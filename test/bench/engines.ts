/** Engines side by side on the same windows, their answers checked as they run: one window at a time, then in batches. */

import assert from 'node:assert/strict';
import {
  createGpuEngine,
  type Executor,
  engineByName,
  engines,
  type Model,
  type Outcome,
  synapticOps,
  type TaxelWindow,
} from '../../models/index.js';
import { positive } from '../support/promises.js';
import { realWindows } from '../support/real-windows.js';
import { type Bench, median, table } from './bench.js';

export const bench: Bench = {
  name: 'engines',
  about: 'every engine on the hybrid LIF network and the real Ev-Objects windows [windows, default 24]',
  async run(args) {
    const { model, pick } = await realWindows();
    const figures = await compare(model, pick(positive('windows', args[0] ?? '24')));
    await compareBatches(model, pick(8));
    return figures;
  },
};

async function compare(model: Model, windows: readonly TaxelWindow[]): Promise<Record<string, number>> {
  const executors = await compileAll(model);
  const reference = await engineByName('reference').compile(model);
  const expected: Outcome[] = [];
  const times = new Map<string, number[]>(executors.map((executor) => [nameOf(executor), []]));

  // Engines take turns on each window, so that a slow spell of the machine meets all of them.
  for (const [round, window] of windows.entries()) {
    expected.push((await reference.run([window]))[0]!);
    for (const executor of executors) {
      const repeats = executor.engine === 'reference' ? 1 : 5;
      if (round === 0) for (let i = 0; i < repeats; i++) await executor.run([window]);
      const { ms, outcomes } = await fastest(executor, [window], repeats);
      assert.deepEqual(
        outcomes[0],
        expected[round],
        `${nameOf(executor)} differs from the reference on window ${round}`,
      );
      times.get(nameOf(executor))!.push(ms);
    }
  }
  for (const executor of executors) await executor.dispose();

  const ms = Object.fromEntries([...times].map(([name, values]) => [name, median(values)]));
  const operations = median(expected.map(synapticOps));
  console.log(
    `${windows.length} windows, ${Math.round(operations)} synaptic operations each (median); all answers equal\n`,
  );
  table([
    ['one window at a time', 'ms a window', 'of reference', 'of plain', 'million ops/s'],
    ...executors
      .map(nameOf)
      .map((name) => [
        name,
        ms[name]!.toFixed(2),
        (ms[name]! / ms['reference dense']!).toFixed(4),
        (ms[name]! / ms['event plain']!).toFixed(3),
        (operations / ms[name]! / 1000).toFixed(0),
      ]),
  ]);
  for (const { engine, mode, details } of executors)
    if (details !== undefined) console.log(`${engine} ${mode}: ${details}`);
  const best = ms['event simd'] ?? ms['event plain']!;
  return {
    event_ms: round4(best),
    event_vs_plain: round4(best / ms['event plain']!),
    event_vs_reference: round4(best / ms['reference dense']!),
    ...(ms['gpu webasm'] === undefined
      ? {}
      : { gpujs_webasm_vs_plain: round4(ms['gpu webasm'] / ms['event plain']!) }),
  };
}

/** Every engine in every mode that this machine has; the others are named with the reason. */
async function compileAll(model: Model): Promise<Executor[]> {
  const executors: Executor[] = [];
  for (const engine of engines) {
    for (const mode of engine.modes) {
      const reason = await engine.unavailable(mode);
      if (reason === undefined) executors.push(await engine.compile(model, mode));
      else console.log(`not here: ${engine.name} ${mode}: ${reason}`);
    }
  }
  return executors;
}

const batches = [1, 8, 32] as const;

/** Both forms where a graphics driver computes; without one, the whole-network form is only slow. */
async function compareBatches(model: Model, windows: readonly TaxelWindow[]): Promise<void> {
  const plain = await engineByName('event').compile(model, 'plain');
  const expected = await plain.run(windows);
  const rows: string[][] = [];
  for (const mode of engineByName('gpu').modes) {
    const forms =
      mode === 'webgpu' || mode === 'headlessgl' ? (['by-layer', 'whole'] as const) : (['by-layer'] as const);
    for (const form of forms) {
      if ((await engineByName('gpu').unavailable(mode)) !== undefined) continue;
      const cells: string[] = [];
      for (const batch of batches) {
        const executor = await createGpuEngine({ form, batch }).compile(model, mode);
        const many = Array.from({ length: batch }, (_, i) => windows[i % windows.length]!);
        await executor.run(many);
        const { ms, outcomes } = await fastest(executor, many, 3);
        for (const [i, outcome] of outcomes.entries())
          assert.deepEqual(outcome, expected[i % windows.length], `${nameOf(executor)}, batch ${batch}`);
        const yardstick = (await fastest(plain, windows, 3)).ms / windows.length;
        cells.push(`${(ms / batch).toFixed(1)} (${(ms / batch / yardstick).toFixed(2)})`);
        await executor.dispose();
      }
      rows.push([`gpu ${mode}, ${form}`, ...cells]);
    }
  }
  console.log('\nin batches: ms a window (of the plain event engine just then)\n');
  table([['', ...batches.map((batch) => `${batch} at once`)], ...rows]);
}

function nameOf({ engine, mode }: Executor): string {
  return `${engine} ${mode}`;
}

/** Best of a few runs: what the engine can do when nothing else has the core. */
async function fastest(
  executor: Executor,
  windows: readonly TaxelWindow[],
  repeats: number,
): Promise<{ ms: number; outcomes: Outcome[] }> {
  let ms = Number.POSITIVE_INFINITY;
  let outcomes: Outcome[] = [];
  for (let i = 0; i < repeats; i++) {
    const started = performance.now();
    outcomes = await executor.run(windows);
    ms = Math.min(ms, performance.now() - started);
  }
  return { ms, outcomes };
}

function round4(value: number): number {
  return Number(value.toFixed(4));
}
