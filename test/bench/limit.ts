/**
 * How near the event engine is to what the machine can do: its synaptic additions per second against the peak of SIMD
 * additions on registers and against reading the rows of weights from memory, measured in the same run with the same
 * instructions.
 */

import { engineByName, synapticOps } from '../../models/index.js';
import { positive } from '../support/promises.js';
import { realWindows } from '../support/real-windows.js';
import { addPeak, readPeak } from '../support/simd-peak.js';
import { type Bench, median, table } from './bench.js';

export const bench: Bench = {
  name: 'limit',
  about:
    'synaptic additions per second against the SIMD and memory peaks of this machine [windows, default 24]',
  async run(args) {
    const { model, pick } = await realWindows();
    const executor = await engineByName('event').compile(model, 'simd');
    const rates: number[] = [];
    const peaks: number[] = [];
    const reads: number[] = [];
    for (const [round, window] of pick(positive('windows', args[0] ?? '24')).entries()) {
      const started = performance.now();
      const [outcome] = await executor.run([window]);
      const seconds = (performance.now() - started) / 1000;
      const additions = synapticOps(outcome!);
      const [peak, read] = [addPeak(), readPeak()];
      if (round < 2) continue;
      rates.push(additions / seconds / 1e9);
      peaks.push(peak);
      reads.push(read);
    }
    const [rate, peak, read] = [rates, peaks, reads].map(median) as [number, number, number];
    table([
      ['', 'billion a second', 'engine reaches'],
      ['synaptic additions of the event engine', rate.toFixed(2), ''],
      ['float additions on registers (SIMD peak)', peak.toFixed(2), `${((100 * rate) / peak).toFixed(1)} %`],
      [
        'additions of rows read from a 10 MB matrix',
        read.toFixed(2),
        `${((100 * rate) / read).toFixed(1)} %`,
      ],
    ]);
    return {
      gadds_per_s: round4(rate),
      of_simd_peak: round4(rate / peak),
      of_memory_bound: round4(rate / read),
    };
  },
};

function round4(value: number): number {
  return Number(value.toFixed(4));
}
