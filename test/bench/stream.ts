/** The exact answer after every bin against computing the window anew: time, memory, and equality as it goes. */

import assert from 'node:assert/strict';
import { cellsByBin, engineByName } from '../../models/index.js';
import { positive } from '../support/promises.js';
import { realWindows } from '../support/real-windows.js';
import { type Bench, median, percentile, table } from './bench.js';

/** Bins between two comparisons with the batch engine. */
const checkEvery = 25;

export const bench: Bench = {
  name: 'stream',
  about: 'exact anytime answers of the full hybrid network, bin by bin [windows, default 16]',
  async run(args) {
    const { model, pick } = await realWindows();
    const executor = await engineByName('event').compile(model);
    const stream = executor.stream!();
    const perBin: number[] = [];
    const perWindow: number[] = [];
    const resets: number[] = [];
    let checked = 0;
    for (const [round, window] of pick(positive('windows', args[0] ?? '16')).entries()) {
      const bins = cellsByBin(model.spec.input, window);
      const cellsPerBin = model.spec.input.taxels * model.spec.input.channels;
      resets.push(elapsed(() => stream.reset()));
      for (const [bin, cells] of bins.entries()) {
        const ms = elapsed(() => stream.push(cells));
        if (round > 0) perBin.push(ms);
        if ((bin + 1) % checkEvery !== 0) continue;
        const soFar = { cells: window.cells.filter((cell) => cell < (bin + 1) * cellsPerBin) };
        const started = performance.now();
        const [expected] = await executor.run([soFar]);
        if (round > 0 && bin + 1 === bins.length) perWindow.push(performance.now() - started);
        const answer = stream.revise(bin, []);
        assert.deepEqual(answer.time!.counts, expected!.time!.counts, `window ${round}, bin ${bin}`);
        assert.deepEqual(answer.location!.counts, expected!.location!.counts, `window ${round}, bin ${bin}`);
        checked++;
      }
    }
    const megabytes = await streamMegabytes();
    const [bin, window] = [median(perBin), median(perWindow)];
    console.log(
      `${perBin.length} bins, mode ${executor.mode}; ${checked} answers compared with the batch engine, all equal\n`,
    );
    table([
      ['', 'median ms', 'p99 ms'],
      ['one more bin', bin.toFixed(4), percentile(perBin, 99).toFixed(4)],
      ['the window anew', window.toFixed(3), percentile(perWindow, 99).toFixed(3)],
      ['next window (reset)', median(resets).toFixed(3), percentile(resets, 99).toFixed(3)],
    ]);
    console.log(`\n1/${(window / bin).toFixed(0)} of the window; ${megabytes.toFixed(2)} MB a stream`);
    return { per_bin_ms: round4(bin), per_bin_vs_window: round4(bin / window), stream_mb: round4(megabytes) };
  },
};

/** Memory of a stream beside what all streams share: the growth that ten more bring. */
async function streamMegabytes(): Promise<number> {
  const { model } = await realWindows();
  const executor = await engineByName('event').compile(model);
  const streams = [executor.stream!()];
  const before = process.memoryUsage();
  for (let i = 0; i < 10; i++) streams.push(executor.stream!());
  const after = process.memoryUsage();
  assert.equal(streams.length, 11);
  const grown = after.rss - before.rss;
  return grown / 10 / 2 ** 20;
}

function elapsed(work: () => unknown): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

function round4(value: number): number {
  return Number(value.toFixed(4));
}
