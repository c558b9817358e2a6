import {
  cellCount,
  type Executor,
  type InputSpec,
  type Outcome,
  STACKS,
  type Stream,
  type TaxelWindow,
} from '../../models/index.js';
import type { Clock } from '../clock.js';

const MOST_RUNS = 20;
const MOST_US = 300_000;
/** Real touch sets about one cell in ten. */
const CELLS_PER_TOUCH = 10;

type MonoClock = Pick<Clock, 'monoUs'>;

/**
 * Runs an executor until it is warm: the first windows of a fresh one are many times slower than the rest. Bounded in
 * runs and time, at least two runs. Returns how long a window takes: over the second half of the runs.
 */
export async function warmUp(
  executor: Executor,
  input: InputSpec,
  clock: MonoClock,
): Promise<{ medianUs: number; longestUs: number }> {
  const beginUs = clock.monoUs();
  const took: number[] = [];
  while (took.length < 2 || (took.length < MOST_RUNS && clock.monoUs() - beginUs < MOST_US)) {
    const startUs = clock.monoUs();
    await executor.run([touch(input, took.length)]);
    took.push(clock.monoUs() - startUs);
  }
  const { median, longest } = ofSecondHalf(took);
  return { medianUs: median, longestUs: longest };
}

/**
 * Takes a window through a stream, bin by bin, as far as the time allows, and measures it; a whole window must give the
 * counts that the executor gives. Throws Error when it does not.
 */
export async function warmUpStream(
  executor: Executor,
  stream: Stream,
  input: InputSpec,
  clock: MonoClock,
): Promise<{ streamBinUs: number }> {
  const window = touch(input, 0);
  const width = input.taxels * input.channels;
  const beginUs = clock.monoUs();
  const took: number[] = [];
  let answer: ReturnType<Stream['push']> = {};
  let at = 0;
  while (stream.bins < input.bins && (took.length < 2 || clock.monoUs() - beginUs < MOST_US)) {
    const base = stream.bins * width;
    const from = at;
    while (at < window.cells.length && window.cells[at]! < base + width) at++;
    const cells = window.cells.slice(from, at).map((cell) => cell - base);
    const startUs = clock.monoUs();
    answer = stream.push(cells);
    took.push(clock.monoUs() - startUs);
  }
  if (stream.bins === input.bins) {
    const [outcome] = await executor.run([window]);
    if (outcome === undefined || !sameCounts(outcome, answer))
      throw new Error(`engine ${executor.engine} answers a window otherwise in a stream than at once`);
  }
  stream.reset();
  return { streamBinUs: ofSecondHalf(took).median };
}

function sameCounts(outcome: Outcome, answer: ReturnType<Stream['push']>): boolean {
  return STACKS.every((branch) => String(outcome[branch]?.counts) === String(answer[branch]?.counts));
}

function ofSecondHalf(took: readonly number[]): { median: number; longest: number } {
  const warm = took.slice(took.length >> 1).sort((a, b) => a - b);
  return { median: warm[warm.length >> 1]!, longest: warm.at(-1)! };
}

/** A window with every tenth cell touched, another tenth for each `phase`. */
function touch(input: InputSpec, phase: number): TaxelWindow {
  const first = phase % CELLS_PER_TOUCH;
  const cells = new Uint32Array(Math.max(0, Math.ceil((cellCount(input) - first) / CELLS_PER_TOUCH)));
  return { cells: cells.map((_, i) => first + i * CELLS_PER_TOUCH) };
}
