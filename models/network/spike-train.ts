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

  /** @param spikes row-major [steps, width], 0 or 1 */
  static of(spikes: Uint8Array, width: number): SpikeTrain {
    const train = new SpikeTrain(spikes.length / width, width);
    let count = 0;
    for (let i = 0; i < spikes.length; i++) {
      if (spikes[i] !== 0) train.index[count++] = i % width;
      if ((i + 1) % width === 0) train.start[(i + 1) / width] = count;
    }
    return train;
  }

  /** Sets the spikes of a step; steps must come in order. */
  set(step: number, { index, count }: { readonly index: Uint32Array; readonly count: number }): void {
    const at = this.start[step]!;
    for (let k = 0; k < count; k++) this.index[at + k] = index[k]!;
    this.start[step + 1] = at + count;
  }
}
