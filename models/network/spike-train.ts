import type { ScanInput } from './scan-input.js';

/** Spikes of a layer, step by step: what a recorder of a scan writes, and the stack behind reads. */
export class SpikeTrain implements ScanInput {
  /** At step n the neurons `start[n] .. start[n+1]` of `index` spike, ascending. */
  readonly start: Uint32Array;
  readonly index: Uint32Array;

  constructor(steps: number, width: number) {
    this.start = new Uint32Array(steps + 1);
    this.index = new Uint32Array(steps * width);
  }

  /** Sets the spikes of a step; steps must come in order. */
  set(step: number, { index, count }: { readonly index: Uint32Array; readonly count: number }): void {
    const at = this.start[step]!;
    for (let k = 0; k < count; k++) this.index[at + k] = index[k]!;
    this.start[step + 1] = at + count;
  }
}
