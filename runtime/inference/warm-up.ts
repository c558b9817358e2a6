import { cellCount, type Executor, type InputSpec, type TaxelWindow } from '../../models/index.js';
import type { Clock } from '../clock.js';

const MOST_RUNS = 20;
const MOST_US = 300_000;
/** Real touch sets about one cell in ten. */
const CELLS_PER_TOUCH = 10;

/**
 * Runs an executor until it is warm: the first windows of a fresh one are many times slower than the rest. Bounded in
 * runs and time, at least two runs. Returns how long a window takes: over the second half of the runs.
 */
export async function warmUp(
  executor: Executor,
  input: InputSpec,
  clock: Pick<Clock, 'monoUs'>,
): Promise<{ medianUs: number; longestUs: number }> {
  const beginUs = clock.monoUs();
  const took: number[] = [];
  while (took.length < 2 || (took.length < MOST_RUNS && clock.monoUs() - beginUs < MOST_US)) {
    const startUs = clock.monoUs();
    await executor.run([touch(input, took.length)]);
    took.push(clock.monoUs() - startUs);
  }
  const warm = took.slice(took.length >> 1).sort((a, b) => a - b);
  return { medianUs: warm[warm.length >> 1]!, longestUs: warm.at(-1)! };
}

/** A window with every tenth cell touched, another tenth for each `phase`. */
function touch(input: InputSpec, phase: number): TaxelWindow {
  const first = phase % CELLS_PER_TOUCH;
  const cells = new Uint32Array(Math.max(0, Math.ceil((cellCount(input) - first) / CELLS_PER_TOUCH)));
  return { cells: cells.map((_, i) => first + i * CELLS_PER_TOUCH) };
}
