/**
 * How many fingers one core can serve with an exact answer after every bin: streams of as many fingers take turns, as
 * they do in the inference worker, and a bin is late when its answer is not there before the next bin of that finger.
 */
import { cellsByBin, type Executor, engineByName, type Stream } from '../../models/index.js';
import { realWindows } from '../support/real-windows.js';
import { type Bench, table } from './bench.js';

/** Bins that every trial lasts. */
const trialBins = 250;

export const bench: Bench = {
  name: 'hands',
  about:
    '39-taxel fingers with anytime answers that one core sustains without a late bin, at bins of 20 and 2 ms',
  async run() {
    const { model, pick } = await realWindows();
    const executor = await engineByName('event').compile(model);
    const touch = pick(16).map((window) => cellsByBin(model.spec.input, window));
    const fingers20 = most(executor, touch, 20, 400);
    const fingers2 = most(executor, touch, 2, 60);
    table([
      ['bins', 'fingers without a late bin'],
      ['20 ms', fingers20],
      ['2 ms (slip)', fingers2],
    ]);
    return { fingers_20ms: fingers20, fingers_2ms: fingers2 };
  },
};

/** Largest number of fingers, up to `limit`, for which no bin is late: doubled until one is, then bisected. */
function most(executor: Executor, touch: readonly Uint32Array[][], binMs: number, limit: number): number {
  const streams: Stream[] = [];
  let good = 0;
  let bad = limit + 1;
  while (bad - good > 1) {
    const trial = bad <= limit ? Math.floor((good + bad) / 2) : Math.min(limit, Math.max(4, good * 2));
    while (streams.length < trial) streams.push(executor.stream!());
    if (lateBins(streams.slice(0, trial), touch, binMs) === 0) good = trial;
    else bad = trial;
  }
  return good;
}

/**
 * Serves every finger once a bin, on a clock of its own that waits for nobody: time stands still between bins when the
 * work was quicker, so that the trial takes as long as the work. Returns the bins whose answers came too late.
 */
function lateBins(streams: readonly Stream[], touch: readonly Uint32Array[][], binMs: number): number {
  for (const stream of streams) stream.reset();
  let behindMs = 0;
  let late = 0;
  for (let bin = 0; bin < trialBins; bin++) {
    const started = performance.now();
    for (const [finger, stream] of streams.entries()) stream.push(touch[finger % touch.length]![bin]!);
    behindMs = Math.max(0, behindMs + performance.now() - started - binMs);
    if (behindMs > 0) late++;
  }
  return late;
}
