import type { ScanInput } from '../../network/scan-input.js';
import type { BranchOutcome } from '../engine.js';

/** A stack of a network, compiled for a device: the common face of both forms. */
export interface BranchProgram {
  /**
   * @param inputs at most as many windows as the program was made for
   * @param withOutput whether the output spikes are wanted, step by step
   */
  run(inputs: readonly ScanInput[], withOutput: boolean): Promise<BranchResult[]>;
  /** Spikes of every layer, row-major [steps, width], 0 or 1. */
  trace(input: ScanInput): Promise<Uint8Array[]>;
}

/** What became of one window. */
export interface BranchResult {
  readonly outcome: BranchOutcome;
  /** Spikes of the last layer, row-major [steps, classes], 0 or 1; if they were wanted. */
  readonly output: Uint8Array | undefined;
}
