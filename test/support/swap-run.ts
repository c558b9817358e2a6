/** Models are changed again and again under steady windows: what that costs, and that nothing is lost. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readModelFile, writeModelFile } from '../../models/index.js';
import { modelPath } from '../../runtime/bundled.js';
import { ModelStore } from '../../runtime/swap/index.js';
import type { After } from './loaded-daemon.js';
import { pipeline, SteadyEdge } from './steady-edge.js';

export interface SwapTerms {
  readonly swaps: number;
  /** Windows a second. */
  readonly rate: number;
  /** Windows before the first change: what is normal is measured there. */
  readonly normal: number;
  /** Changes before memory is taken as settled: both workers have been started by then. */
  readonly settling: number;
  readonly folder: string;
  readonly progress?: (done: number) => void;
}

export type SwapFigures = Readonly<
  Record<
    | 'swaps'
    | 'windows'
    | 'lost'
    | 'duplicated'
    | 'gaps'
    | 'disordered'
    | 'wrong_model'
    | 'normal_p50_ms'
    | 'normal_p99_ms'
    | 'swap_p50_ms'
    | 'swap_p99_ms'
    | 'added_p99_ms'
    | 'swap_max_ms'
    | 'one_change_ms'
    | 'rss_before_mb'
    | 'rss_settled_mb'
    | 'rss_end_mb'
    | 'rss_growth_pct',
    number
  >
>;

/** Two versions of the bundled model in files of their own, and a store that holds both. */
export async function twoVersions(folder: string): Promise<{ store: string; files: [string, string] }> {
  const { id: _, sha256: __, ...content } = await readModelFile(modelPath('demo'));
  const files: [string, string] = [join(folder, '1.safetensors'), join(folder, '2.safetensors')];
  const store = join(folder, 'store');
  mkdirSync(store);
  const models = new ModelStore(store);
  await models.open();
  for (const [i, file] of files.entries()) {
    await writeModelFile(file, { ...content, version: String(i + 1) });
    await models.add(file);
  }
  return { store, files };
}

export async function runSwaps(terms: SwapTerms, after: After): Promise<SwapFigures> {
  const { swaps, rate, normal, settling, folder, progress } = terms;
  const { store, files } = await twoVersions(folder);
  const models = { store, probationS: 0, holdS: 0 };
  const edge = await SteadyEdge.start({ folder, model: files[0], rate, models }, after);
  await edge.windows(rate); // warm
  const from = edge.seen.length;
  await edge.windows(normal);
  const rssBefore = edge.rssMb();
  const swapping = edge.seen.length;
  const firstOf: { window: number; version: string }[] = [{ window: 0, version: '1' }];
  const tookMs: number[] = [];
  let rssSettled = rssBefore;
  for (let i = 0; i < swaps; i++) {
    if (i === settling) rssSettled = await quietRssMb(edge, rate);
    const version = i % 2 === 0 ? '2' : '1';
    const startMs = performance.now();
    const { status, data, error } = await edge.command('model-activate', {
      pipeline,
      model: `demo@${version}`,
    });
    if (status !== 'ok') throw new Error(`change ${i}: ${error?.code}: ${error?.message}`);
    tookMs.push(performance.now() - startMs);
    firstOf.push({ window: Number(data!['window']), version });
    progress?.(i + 1);
  }
  const done = edge.seen.length;
  const rssEnd = await quietRssMb(edge, rate);
  const latencies = (a: number, b: number): number[] =>
    edge.seen.slice(a, b).map(({ latencyMs }) => latencyMs);
  const [before, during] = [latencies(from, swapping), latencies(swapping, done)];
  const wrong = edge.seen.filter(
    ({ window, version }) => firstOf.findLast((first) => first.window <= window)!.version !== version,
  );
  const added = percentile(during, 0.99) - percentile(before, 0.99);
  return rounded({
    ...{ swaps, windows: edge.seen.length, ...edge.account(), gaps: edge.gaps, wrong_model: wrong.length },
    ...{ normal_p50_ms: percentile(before, 0.5), normal_p99_ms: percentile(before, 0.99) },
    ...{ swap_p50_ms: percentile(during, 0.5), swap_p99_ms: percentile(during, 0.99) },
    ...{ added_p99_ms: added, swap_max_ms: percentile(during, 1), one_change_ms: percentile(tookMs, 0.5) },
    ...{ rss_before_mb: rssBefore, rss_settled_mb: rssSettled, rss_end_mb: rssEnd },
    rss_growth_pct: (rssEnd / rssSettled - 1) * 100,
  });
}

/** Memory when no model before has a window to finish any more. */
async function quietRssMb(edge: SteadyEdge, rate: number): Promise<number> {
  await edge.windows(2 * rate);
  return edge.rssMb();
}

/** Why the promise is broken; empty when it holds. */
export function brokenPromises(figures: SwapFigures): string[] {
  const { lost, duplicated, gaps, disordered, wrong_model, added_p99_ms, normal_p99_ms, rss_growth_pct } =
    figures;
  const limit = Math.max(10, normal_p99_ms);
  return [
    ...Object.entries({ lost, duplicated, gaps, disordered, wrong_model })
      .filter(([, count]) => count !== 0)
      .map(([name, count]) => `${name} is ${count}, not 0`),
    ...(added_p99_ms > limit ? [`added_p99_ms is ${added_p99_ms}, more than ${limit}`] : []),
    ...(rss_growth_pct >= 5 ? [`rss_growth_pct is ${rss_growth_pct}, not below 5`] : []),
  ];
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

function rounded<T extends Record<string, number>>(figures: T): T {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [name, Math.round(value * 100) / 100]),
  ) as T;
}
