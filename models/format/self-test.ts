/** Every model carries windows with the counts they must give; a model that gives others must not serve. */
import type { Executor, Network, Outcome } from '../engine/engine.js';
import { decide } from '../network/decision.js';
import { NetworkError } from '../network/errors.js';
import { cellCount, type TaxelWindow, windowFromCells } from '../network/window.js';
import type { Model } from './model.js';
import type { SelfTestCase } from './schema.js';

export interface Verification {
  readonly ok: boolean;
  /** Windows that were checked; 0 when the file has none. */
  readonly windows: number;
  /** One line for each window that went wrong. */
  readonly faults: readonly string[];
}

/** Runs windows through a trusted executor and keeps what it says as the model's self-test. */
export async function makeSelfTest(
  executor: Executor,
  windows: readonly TaxelWindow[],
): Promise<SelfTestCase[]> {
  const outcomes = await executor.run(windows);
  return windows.map((window, i) => {
    const outcome = outcomes[i]!;
    return {
      cellDeltas: Array.from(window.cells, (cell, k) => cell - (k === 0 ? 0 : window.cells[k - 1]!)),
      ...(outcome.time === undefined ? {} : { time: [...outcome.time.counts] }),
      ...(outcome.location === undefined ? {} : { location: [...outcome.location.counts] }),
      label: decide(executor.spec, outcome).labelId,
    };
  });
}

/** Checks an executor against the model's self-test: equal counts in every branch. */
export async function verifyModel(executor: Executor, model: Model): Promise<Verification> {
  const outcomes = await executor.run(selfTestWindows(model, model.selfTest));
  const faults = model.selfTest.flatMap((test, i) =>
    caseFaults(model, test, outcomes[i]!).map((fault) => `self-test window ${i}: ${fault}`),
  );
  return { ok: faults.length === 0, windows: model.selfTest.length, faults };
}

/** The windows of a self-test. Throws `NetworkError` when a cell lies outside the network's window. */
export function selfTestWindows({ spec }: Network, cases: readonly SelfTestCase[]): TaxelWindow[] {
  return cases.map(({ cellDeltas }, i) => {
    let cell = 0;
    const cells = cellDeltas.map((delta) => {
      cell += delta;
      return cell;
    });
    if (cell >= cellCount(spec.input))
      throw new NetworkError(`self-test window ${i} has cell ${cell} of ${cellCount(spec.input)}`);
    return windowFromCells(spec.input, cells);
  });
}

function caseFaults(network: Network, expected: SelfTestCase, outcome: Outcome): string[] {
  const faults: string[] = [];
  for (const branch of ['time', 'location'] as const) {
    const counts = outcome[branch]?.counts;
    if (String(counts ?? '') !== String(expected[branch] ?? '')) {
      faults.push(`${branch} counts are [${counts ?? ''}], expected [${expected[branch] ?? ''}]`);
    }
  }
  const { labelId } = decide(network.spec, outcome);
  if (labelId !== expected.label) faults.push(`label is ${labelId}, expected ${expected.label}`);
  return faults;
}
