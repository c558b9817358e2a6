/** Every model carries windows with the counts they must give; a model that gives others must not serve. */
import type { Executor, Network, Outcome } from '../engine/engine.js';
import { decide } from '../network/decision.js';
import { NetworkError } from '../network/errors.js';
import { type InputSpec, STACKS, type StackName } from '../network/spec.js';
import { cellCount, type TaxelWindow, windowFromCells } from '../network/window.js';
import { seededRandom } from '../random.js';
import type { Model } from './model.js';
import type { SelfTestCase } from './schema.js';

export interface Verification {
  readonly ok: boolean;
  /** Windows that were checked; 0 when the file has none. */
  readonly windows: number;
  /** One line for each window that went wrong. */
  readonly faults: readonly string[];
}

/** Shares of active cells of made-up windows: none, few, as many as in recorded touch (about 0.1), and more. */
const densities = [0, 0.03, 0.1, 0.25];

/** Windows for a self-test where there is no data: random cells, the same for everyone. */
export function madeUpWindows(input: InputSpec): TaxelWindow[] {
  const random = seededRandom(1);
  const cells = Array.from({ length: cellCount(input) }, (_, cell) => cell);
  return densities.map((density) =>
    windowFromCells(
      input,
      cells.filter(() => random() < density),
    ),
  );
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
      ...countsOf(outcome),
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

/** Output counts of every stack there is. */
function countsOf(outcome: Outcome): Pick<SelfTestCase, StackName> {
  const stacks = STACKS.filter((stack) => outcome[stack] !== undefined);
  return Object.fromEntries(stacks.map((stack) => [stack, [...outcome[stack]!.counts]]));
}

function caseFaults(network: Network, expected: SelfTestCase, outcome: Outcome): string[] {
  const faults: string[] = [];
  for (const stack of STACKS) {
    const counts = outcome[stack]?.counts;
    if (String(counts ?? '') !== String(expected[stack] ?? '')) {
      faults.push(`${stack} counts are [${counts ?? ''}], expected [${expected[stack] ?? ''}]`);
    }
  }
  const { labelId } = decide(network.spec, outcome);
  if (labelId !== expected.label) faults.push(`label is ${labelId}, expected ${expected.label}`);
  return faults;
}
