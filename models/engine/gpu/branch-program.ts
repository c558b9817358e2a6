import type { ScanInput } from '../../network/scan-input.js';
import type { BranchOutcome } from '../engine.js';

/** A branch of a network, compiled for a device: the common face of both forms. */
export interface BranchProgram {
  /** @param inputs at most as many windows as the program was made for */
  run(inputs: readonly ScanInput[]): Promise<BranchOutcome[]>;
  /** Spikes of every layer, row-major [steps, width], 0 or 1. */
  trace(input: ScanInput): Promise<Uint8Array[]>;
}
