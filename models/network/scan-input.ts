import { type BranchName, type NetworkSpec, scanSteps } from './spec.js';
import type { TaxelWindow } from './window.js';

/**
 * The active cells of a window as a branch meets them: at scan step n the inputs `index[start[n]] .. index[start[n+1]-1]`
 * are on, index = node * channels + channel, ascending.
 */
export interface ScanInput {
  readonly start: Uint32Array;
  readonly index: Uint32Array;
}

/** Groups a window's cells by scan step: bins for the time branch, taxels for the location branch. */
export function scanInput(spec: NetworkSpec, branch: BranchName, window: TaxelWindow): ScanInput {
  const { taxels, channels } = spec.input;
  const { cells } = window;
  const steps = scanSteps(spec, branch);
  const stepOf = inverse(spec[branch]?.order, steps);
  const start = new Uint32Array(steps + 1);
  const step = new Uint32Array(cells.length);
  const input = new Uint32Array(cells.length);
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i]!;
    const channel = cell % channels;
    const site = (cell - channel) / channels;
    const taxel = site % taxels;
    const bin = (site - taxel) / taxels;
    const [along, node] = branch === 'time' ? [bin, taxel] : [taxel, bin];
    step[i] = stepOf[along]!;
    input[i] = node * channels + channel;
    start[step[i]! + 1]! += 1;
  }
  for (let n = 0; n < steps; n++) start[n + 1]! += start[n]!;
  const next = start.slice();
  const index = new Uint32Array(cells.length);
  // Cells ascend by bin, then taxel, so inputs of one step stay ascending in either branch.
  for (let i = 0; i < cells.length; i++) index[next[step[i]!]!++] = input[i]!;
  return { start, index };
}

/** Position along the scan axis -> scan step. */
function inverse(order: readonly number[] | undefined, steps: number): Uint32Array {
  const stepOf = new Uint32Array(steps);
  for (let n = 0; n < steps; n++) stepOf[order?.[n] ?? n] = n;
  return stepOf;
}
