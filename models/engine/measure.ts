/**
 * Which engine is fastest for a model on this machine? Not a question for a table in a manual: boards differ, drivers
 * differ, models differ. So the candidates run the model's own self-test windows; one that gives another answer than
 * expected is out, however fast.
 */
import type { Model } from '../format/model.js';
import { selfTestWindows } from '../format/self-test.js';
import { STACKS, type StackName } from '../network/spec.js';
import { cellCount, type TaxelWindow, windowFromCells } from '../network/window.js';
import { seededRandom } from '../random.js';
import type { Answer, Engine, Executor } from './engine.js';
import { referenceEngine } from './reference/reference.js';
import { engines } from './select.js';

/** One way to compute, and what became of it. */
export interface Measurement {
  readonly engine: string;
  readonly mode: string;
  /** Median time of a window; absent when it was not measured. */
  readonly msPerWindow?: number;
  /** Whether it gave the expected counts on every window; absent when it did not run. */
  readonly agrees?: boolean;
  /** Why it did not run, or what it got wrong. */
  readonly reason?: string;
}

export interface MeasureOptions {
  /** Time that may be spent on all of them, in milliseconds; those whose turn does not come are not measured. */
  readonly budgetMs: number;
  readonly nowMs: () => number;
  /** Engines to try. Default: all but the reference engine. */
  readonly candidates?: readonly Engine[];
}

/** Runs a candidate has at least and at most; the median of these is its time. */
const fewestRuns = 3;
const mostRuns = 50;

/** Measures every mode of every candidate; the fastest that agrees comes first, those that are out come last. */
export async function measureEngines(model: Model, options: MeasureOptions): Promise<Measurement[]> {
  const {
    budgetMs,
    nowMs,
    candidates = engines.filter(({ name }) => name !== referenceEngine.name),
  } = options;
  const test = await expectations(model);
  const ways = candidates.flatMap((engine) => engine.modes.map((mode) => ({ engine, mode })));
  const endMs = nowMs() + budgetMs;
  const table: Measurement[] = [];
  for (const [i, { engine, mode }] of ways.entries()) {
    const shareMs = (endMs - nowMs()) / (ways.length - i);
    const name = { engine: engine.name, mode };
    if (shareMs <= 0) table.push({ ...name, reason: 'not measured: the time for measuring was over' });
    else table.push({ ...name, ...(await measure(engine, mode, model, test, nowMs() + shareMs, nowMs)) });
  }
  return table.sort((a, b) => rank(a) - rank(b));
}

/** The fastest that agrees. Throws when there is none, saying what became of each. */
export function fastestOf(table: readonly Measurement[]): Measurement {
  const [best] = table;
  if (best?.agrees) return best;
  throw new Error(
    `no engine can run this model: ${table.map(({ engine, mode, reason }) => `${engine} ${mode}: ${reason}`).join('; ')}`,
  );
}

interface Expectations {
  readonly windows: readonly TaxelWindow[];
  readonly counts: readonly string[];
}

/** The self-test, or, for a file without one, made-up touch and what the reference engine says of it. */
async function expectations(model: Model): Promise<Expectations> {
  if (model.selfTest.length > 0) {
    return {
      windows: selfTestWindows(model, model.selfTest),
      counts: model.selfTest.map((test) => text((stack) => test[stack])),
    };
  }
  const windows = [0.02, 0.12].map((density, seed) => madeUp(model, density, seed));
  const outcomes = await (await referenceEngine.compile(model)).run(windows);
  return { windows, counts: outcomes.map(countsOf) };
}

function madeUp({ spec }: Model, density: number, seed: number): TaxelWindow {
  const random = seededRandom(seed);
  const cells: number[] = [];
  for (let cell = 0; cell < cellCount(spec.input); cell++) if (random() < density) cells.push(cell);
  return windowFromCells(spec.input, cells);
}

async function measure(
  engine: Engine,
  mode: string,
  model: Model,
  test: Expectations,
  endMs: number,
  nowMs: () => number,
): Promise<Omit<Measurement, 'engine' | 'mode'>> {
  let executor: Executor | undefined;
  try {
    const why = await engine.unavailable(mode);
    if (why !== undefined) return { reason: why };
    executor = await engine.compile(model, mode);
    const wrong = (await executor.run(test.windows)).findIndex(
      (outcome, i) => countsOf(outcome) !== test.counts[i],
    );
    if (wrong >= 0) return { agrees: false, reason: `other counts than expected on window ${wrong}` };
    return { agrees: true, msPerWindow: await medianMs(executor, test.windows, endMs, nowMs) };
  } catch (error) {
    return { reason: (error as Error).message };
  } finally {
    await executor?.dispose();
  }
}

/** Median of single windows, one after the other through the test, until the time is over. */
async function medianMs(
  executor: Executor,
  windows: readonly TaxelWindow[],
  endMs: number,
  nowMs: () => number,
): Promise<number> {
  const times: number[] = [];
  while (times.length < fewestRuns || (times.length < mostRuns && nowMs() < endMs)) {
    const started = nowMs();
    await executor.run([windows[times.length % windows.length]!]);
    times.push(nowMs() - started);
  }
  times.sort((a, b) => a - b);
  return times[times.length >> 1]!;
}

function countsOf(answer: Answer): string {
  return text((stack) => answer[stack]?.counts);
}

function text(countsOf: (stack: StackName) => ArrayLike<number> | undefined): string {
  return STACKS.map((stack) => Array.from(countsOf(stack) ?? []).join(' ')).join('|');
}

function rank({ agrees, msPerWindow }: Measurement): number {
  return agrees ? (msPerWindow ?? 0) : Number.MAX_VALUE;
}
