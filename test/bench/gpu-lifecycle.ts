/**
 * Memory of the gpu engine over many runs and many loads: a runtime runs for months and swaps models. The network is
 * small, because what would leak is what gpu.js keeps for a kernel, a plan or a call, not the weights.
 */

import { createGpuEngine } from '../../models/index.js';
import { tinyGolden } from '../support/golden.js';
import { UsageError } from '../support/menu.js';
import { randomWindow } from '../support/networks.js';
import { positive } from '../support/promises.js';
import { type Bench, table } from './bench.js';

const { network } = tinyGolden();

export const bench: Bench = {
  name: 'gpu-lifecycle',
  about:
    'memory of the gpu engine over many runs and loads [mode, default webasm] [runs, 10000] [loads, 300]',
  async run(args) {
    const engine = createGpuEngine();
    const mode = args[0] ?? 'webasm';
    if (!engine.modes.includes(mode))
      throw new UsageError(`mode: '${mode}' is none of ${engine.modes.join(', ')}`);
    const [runs, loads] = [positive('runs', args[1] ?? '10000'), positive('loads', args[2] ?? '300')];
    const windows = Array.from({ length: 50 }, (_, i) => randomWindow(network, (i % 10) / 20, i));

    const executor = await engine.compile(network, mode);
    console.log(`${executor.mode}: ${executor.details}\n`);
    const overRuns = await watch(runs, async (i) => {
      await executor.run([windows[i % windows.length]!]);
    });
    await executor.dispose();
    const overLoads = await watch(loads, async (i) => {
      const other = await engine.compile(network, mode);
      await other.run(windows.slice(i % 40, (i % 40) + 5));
      await other.dispose();
    });

    table([
      ['', 'RSS at 1/10', 'half', 'end', 'handles at 1/10', 'end'],
      [`${runs} runs`, ...overRuns.cells],
      [`${loads} loads and unloads`, ...overLoads.cells],
    ]);
    return { runs_grown_mb: overRuns.grown, loads_grown_mb: overLoads.grown };
  },
};

/** Does something `times` times. Growth is counted from half way on, when caches and compilers have settled. */
async function watch(
  times: number,
  work: (i: number) => Promise<void>,
): Promise<{ cells: string[]; grown: number }> {
  const seen: { rss: number; handles: number }[] = [];
  const marks = [Math.floor(times / 10), Math.floor(times / 2), times];
  for (let i = 1; i <= times; i++) {
    await work(i);
    if (!marks.includes(i)) continue;
    seen.push({ rss: process.memoryUsage.rss() / 2 ** 20, handles: process.getActiveResourcesInfo().length });
  }
  const [early, half, end] = seen as [(typeof seen)[0], (typeof seen)[0], (typeof seen)[0]];
  const megabytes = seen.map(({ rss }) => `${rss.toFixed(0)} MB`);
  return {
    cells: [...megabytes, String(early.handles), String(end.handles)],
    grown: Number((end.rss - half.rss).toFixed(1)),
  };
}
