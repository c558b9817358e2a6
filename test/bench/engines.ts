/** Engines side by side on the same windows, one at a time on one core, their answers checked as they run. */
import assert from 'node:assert/strict';
import {
  type Dataset,
  type Executor,
  engineByName,
  engines,
  type Model,
  type Outcome,
  readModelFile,
  readRecordings,
} from '../../models/index.js';
import { needsFiles, shared } from '../support/paths.js';
import { type Bench, median, table } from './bench.js';

export const bench: Bench = {
  name: 'engines',
  about: 'every engine on the hybrid LIF network and the real Ev-Objects windows [windows, default 24]',
  async run(args) {
    const files = [
      shared('golden', 'ev-objects-hybrid.safetensors'),
      shared('data', 'Ev-Objects-train.zip'),
    ] as const;
    const missing = needsFiles(...files);
    if (missing) throw new Error(`this bench ${missing}`);
    const model = await readModelFile(files[0]);
    const data = await readRecordings(files[1]);
    return compare(model, data, Number(args[0] ?? 24));
  },
};

async function compare(model: Model, data: Dataset, count: number): Promise<Record<string, number>> {
  const windows = data.windows.filter((_, i) => i % Math.ceil(data.windows.length / count) === 0);
  const executors = engines.flatMap((engine) => engine.modes.map((mode) => engine.compile(model, mode)));
  const reference = engineByName('reference').compile(model);
  const expected: Outcome[] = [];
  const times = new Map<string, number[]>(executors.map((executor) => [nameOf(executor), []]));

  // Engines take turns on each window, so that a slow spell of the machine meets all of them.
  for (const [round, window] of windows.entries()) {
    expected.push((await reference.run([window]))[0]!);
    for (const executor of executors) {
      const repeats = executor.engine === 'reference' ? 1 : 5;
      if (round === 0) for (let i = 0; i < repeats; i++) await executor.run([window]);
      const { ms, outcome } = await fastest(executor, window, repeats);
      assert.deepEqual(
        outcome,
        expected[round],
        `${nameOf(executor)} differs from the reference on window ${round}`,
      );
      times.get(nameOf(executor))!.push(ms);
    }
  }

  const ms = Object.fromEntries([...times].map(([name, values]) => [name, median(values)]));
  const operations = median(expected.map(({ time, location }) => time!.synapticOps + location!.synapticOps));
  console.log(
    `${windows.length} windows, ${Math.round(operations)} synaptic operations each (median); all answers equal\n`,
  );
  table([
    ['engine', 'ms a window', 'of reference', 'of plain', 'million ops/s'],
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
  const best = ms['event simd'] ?? ms['event plain']!;
  return {
    event_ms: round4(best),
    event_vs_plain: round4(best / ms['event plain']!),
    event_vs_reference: round4(best / ms['reference dense']!),
  };
}

function nameOf({ engine, mode }: Executor): string {
  return `${engine} ${mode}`;
}

/** Best of a few runs of one window: what the engine can do when nothing else has the core. */
async function fastest(
  executor: Executor,
  window: Dataset['windows'][number],
  repeats: number,
): Promise<{ ms: number; outcome: Outcome }> {
  let ms = Number.POSITIVE_INFINITY;
  let outcome: Outcome | undefined;
  for (let i = 0; i < repeats; i++) {
    const started = performance.now();
    [outcome] = await executor.run([window]);
    ms = Math.min(ms, performance.now() - started);
  }
  return { ms, outcome: outcome! };
}

function round4(value: number): number {
  return Number(value.toFixed(4));
}
