/** Models are changed again and again under steady windows: what that costs, and that nothing is lost. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readModelFile, writeModelFile } from '../../models/index.js';
import { modelPath } from '../../runtime/bundled.js';
import { ModelStore } from '../../runtime/swap/index.js';
import { percentile } from '../bench/bench.js';
import type { Cleanup } from './cleanup.js';
import { type Figures, rounded } from './promises.js';
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

export async function runSwaps(terms: SwapTerms, cleanup: Cleanup): Promise<SwapFigures> {
  const { swaps, rate, normal, settling, folder, progress } = terms;
  const { store, files } = await twoVersions(folder);
  const models = { store, probationS: 0, holdS: 0 };
  const edge = await SteadyEdge.start({ folder, model: files[0], rate, models }, cleanup);
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
  const added = percentile(during, 99) - percentile(before, 99);
  return shortened({
    ...{ swaps, windows: edge.seen.length, ...edge.account(), gaps: edge.gaps, wrong_model: wrong.length },
    ...{ normal_p50_ms: percentile(before, 50), normal_p99_ms: percentile(before, 99) },
    ...{ swap_p50_ms: percentile(during, 50), swap_p99_ms: percentile(during, 99) },
    ...{ added_p99_ms: added, swap_max_ms: percentile(during, 100), one_change_ms: percentile(tookMs, 50) },
    ...{ rss_before_mb: rssBefore, rss_settled_mb: rssSettled, rss_end_mb: rssEnd },
    rss_growth_pct: (rssEnd / rssSettled - 1) * 100,
  });
}

/** Memory when no model before has a window to finish any more. */
async function quietRssMb(edge: SteadyEdge, rate: number): Promise<number> {
  await edge.windows(2 * rate);
  return edge.rssMb();
}

/** What is promised of these figures, and whether it is kept. */
export function promises({
  added_p99_ms,
  normal_p99_ms,
  rss_growth_pct,
  ...figures
}: SwapFigures): Record<string, boolean> {
  const { lost, duplicated, gaps, disordered, wrong_model } = figures;
  return {
    'no window is lost, comes twice or out of order': lost + duplicated + disordered === 0,
    'results are numbered without a gap': gaps === 0,
    'each window has the model it should': wrong_model === 0,
    'added latency at p99 at most 10 ms or the normal p99': added_p99_ms <= Math.max(10, normal_p99_ms),
    'memory grows by less than 5 %': rss_growth_pct < 5,
  };
}

function shortened<T extends Figures>(figures: T): T {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, rounded(value, 2)])) as T;
}
