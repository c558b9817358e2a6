import { type BranchName, type NetworkSpec, type StackName, scanSteps, stepInput } from './spec.js';
import type { TaxelWindow } from './window.js';

/**
 * The active inputs of a stack: at scan step n the inputs `index[start[n]] .. index[start[n+1]-1]` are on,
 * index = node * channels + channel, ascending.
 */
export interface ScanInput {
  readonly start: Uint32Array;
  readonly index: Uint32Array;
}

/**
 * Groups a window's cells by scan step: bins for the time branch, taxels (or their channels) for the location branch.
 * This is the only place where the two branches differ.
 */
export function scanInput(spec: NetworkSpec, branch: BranchName, window: TaxelWindow): ScanInput {
  const cellsPerBin = spec.input.taxels * spec.input.channels;
  const { channels } = stepInput(spec, branch);
  const { cells } = window;
  const steps = scanSteps(spec, branch);
  const stepOf = inverse(spec[branch]?.order, steps);
  const start = new Uint32Array(steps + 1);
  const step = new Uint32Array(cells.length);
  const input = new Uint32Array(cells.length);
  for (let i = 0; i < cells.length; i++) {
    const within = cells[i]! % cellsPerBin;
    const bin = (cells[i]! - within) / cellsPerBin;
    if (branch === 'time') {
      step[i] = stepOf[bin]!;
      input[i] = within;
    } else {
      const channel = within % channels;
      step[i] = stepOf[(within - channel) / channels]!;
      input[i] = bin * channels + channel;
    }
    start[step[i]! + 1]! += 1;
  }
  for (let n = 0; n < steps; n++) start[n + 1]! += start[n]!;
  const next = start.slice();
  const index = new Uint32Array(cells.length);
  // Cells ascend by bin, then taxel, so inputs of one step stay ascending in either branch.
  for (let i = 0; i < cells.length; i++) index[next[step[i]!]!++] = input[i]!;
  return { start, index };
}

/**
 * The input of any stack.
 * @param outputs output spikes of the stacks before it: only the fused one looks at them
 */
export function stackInput(
  spec: NetworkSpec,
  stack: StackName,
  window: TaxelWindow,
  outputs: ReadonlyMap<StackName, ScanInput>,
): ScanInput {
  if (stack !== 'fused') return scanInput(spec, stack, window);
  return fusedInput(outputs.get('time')!, outputs.get('location')!);
}

/** The input of the fused stack: the output spikes of the time branch, behind them those of the location branch. */
export function fusedInput(time: ScanInput, location: ScanInput): ScanInput {
  const before = time.start.length - 1;
  const spikes = time.start[before]!;
  const start = new Uint32Array(before + location.start.length);
  start.set(time.start);
  start.set(
    location.start.map((at) => at + spikes),
    before,
  );
  const index = new Uint32Array(start.at(-1)!);
  index.set(time.index.subarray(0, spikes));
  index.set(location.index.subarray(0, index.length - spikes), spikes);
  return { start, index };
}

/** Position along the scan axis -> scan step. */
export function inverse(order: readonly number[] | undefined, steps: number): Uint32Array {
  const stepOf = new Uint32Array(steps);
  for (let n = 0; n < steps; n++) stepOf[order?.[n] ?? n] = n;
  return stepOf;
}
