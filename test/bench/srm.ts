/**
 * The published spike-response network (17,696 parameters: 39 taxels, two fingers, 325 bins, 36 classes) on recorded
 * touch, one window at a time. Plain JavaScript and the reference engine are the yardsticks; all must agree.
 */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import {
  cellCount,
  cellsByBin,
  type Executor,
  engineByName,
  hybridSrmSpec,
  initialWeights,
  type Network,
  type Outcome,
  parameterCount,
  readRecordings,
  seededRandom,
  type TaxelWindow,
  windowFromCells,
} from '../../models/index.js';
import { shared } from '../support/paths.js';
import { positive } from '../support/promises.js';
import { type Bench, median, table } from './bench.js';

export const bench: Bench = {
  name: 'srm',
  about: 'the published spike-response network, a window and a bin of a stream [windows, default 40]',
  async run(args) {
    const network = publishedNetwork();
    const windows = await twoFingers(network, positive('windows', args[0] ?? '40'));
    console.log(`${parameterCount(network.spec).toLocaleString('en')} parameters, ${windows.length} windows`);
    const [simd, plain, reference] = await Promise.all([
      engineByName('event').compile(network, 'simd'),
      engineByName('event').compile(network, 'plain'),
      engineByName('reference').compile(network),
    ]);
    const expected = await reference.run(windows.slice(0, 4));
    const times = { simd: [] as number[], plain: [] as number[], reference: [] as number[] };
    for (let round = 0; round < 3; round++) {
      for (const [i, window] of windows.entries()) {
        const fast = await timed(simd, window, times.simd);
        assert.deepEqual(await timed(plain, window, times.plain), fast);
        if (i < expected.length) assert.deepEqual(fast, expected[i]);
      }
    }
    for (const window of windows.slice(0, 4)) await timed(reference, window, times.reference);
    const bins = await streamTimes(simd, windows);
    const [srm, yardstick, dense] = [median(times.simd), median(times.plain), median(times.reference)];
    table([
      ['engine', 'ms a window', 'of plain'],
      ['event, simd', srm.toFixed(3), (srm / yardstick).toFixed(3)],
      ['event, plain', yardstick.toFixed(3), '1'],
      ['reference', dense.toFixed(1), (dense / yardstick).toFixed(1)],
      ['a bin of a stream, simd', median(bins).toFixed(4), (median(bins) / yardstick).toFixed(4)],
    ]);
    return {
      srm_ms: round(srm),
      srm_vs_plain: round(srm / yardstick),
      srm_vs_reference: round(srm / dense),
      srm_bin_ms: round(median(bins)),
    };
  },
};

function publishedNetwork(): Network {
  const labels = Array.from({ length: 36 }, (_, label) => String(label));
  const spec = hybridSrmSpec({ name: 'srm', labels, taxels: 39, fingers: 2, bins: 325, binUs: 20_000 });
  return { spec, weights: initialWeights(spec, 1) };
}

/** Recordings of one finger, two of a class as two fingers; made-up touch of the same density where there are none. */
async function twoFingers({ spec }: Network, count: number): Promise<TaxelWindow[]> {
  const file = shared('data', 'Ev-Containers-train.zip');
  if (!existsSync(file)) {
    console.log('no recordings here: made-up touch');
    const random = seededRandom(1);
    const cells = Array.from({ length: cellCount(spec.input) }, (_, cell) => cell);
    return Array.from({ length: count }, () =>
      windowFromCells(
        spec.input,
        cells.filter(() => random() < 0.1),
      ),
    );
  }
  const { windows } = await readRecordings(file);
  const channels = (cells: Uint32Array, finger: number): number[] =>
    Array.from(cells, (cell) => ((cell >> 1) << 2) + 2 * finger + (cell & 1));
  return Array.from({ length: count }, (_, i) => {
    const at = (2 * i) % (windows.length - 1);
    const [a, b] = [windows[at]!, windows[at + 1]!];
    return windowFromCells(spec.input, [...channels(a.cells, 0), ...channels(b.cells, 1)]);
  });
}

async function timed(executor: Executor, window: TaxelWindow, times: number[]): Promise<Outcome> {
  const started = performance.now();
  const [outcome] = await executor.run([window]);
  times.push(performance.now() - started);
  return outcome!;
}

/** Times of single bins; the last answer of a window must be that of the whole window. */
async function streamTimes(executor: Executor, windows: readonly TaxelWindow[]): Promise<number[]> {
  const stream = executor.stream!();
  const times: number[] = [];
  for (const window of windows) {
    stream.reset();
    let answer: ReturnType<typeof stream.push> | undefined;
    for (const cells of cellsByBin(executor.spec.input, window)) {
      const started = performance.now();
      answer = stream.push(cells);
      times.push(performance.now() - started);
    }
    const [whole] = await executor.run([window]);
    for (const stack of ['time', 'location'] as const)
      assert.deepEqual(answer?.[stack]?.counts, whole?.[stack]?.counts);
  }
  return times;
}

function round(value: number): number {
  return Number(value.toFixed(4));
}
