/**
 * The backward pass through spike-response neurons (SLAYER, Shrestha & Orchard 2018). With g(n) = dL/ds(n) from the layer
 * above and h = ds/du the exponential surrogate, evaluated at the membrane potential with its refractory part,
 *
 *   dL/du(n) = g(n) h(u(n))            nothing flows through the refractory response
 *   dL/da(n) = sum over k of e(k) dL/du(n + k)
 */
import type { BranchOutcome } from '../engine/engine.js';
import { createSrmState, type SrmBranch, scanSrm, srmOutcome } from '../engine/event/srm/srm-branch.js';
import type { ScanInput } from '../network/scan-input.js';
import { srmSurrogate } from '../neurons/srm.js';
import type { Tape } from './stack-learner.js';

export class SrmTape implements Tape {
  readonly spikes: readonly ScanInput[];
  readonly #state: ReturnType<typeof createSrmState>;

  constructor(private readonly branch: SrmBranch) {
    this.#state = createSrmState(branch, true);
    this.spikes = this.#state.scans;
  }

  scan(input: ScanInput): BranchOutcome {
    for (const { membranes } of this.#state.scans) membranes!.fill(0);
    scanSrm(this.branch, this.#state, input);
    return srmOutcome(this.branch, this.#state, input);
  }

  throughNeurons(layer: number, delta: Float32Array): void {
    const { neuron, srm, steps, layers } = this.branch;
    const { width } = layers[layer]!;
    const { membranes } = this.#state.scans[layer]!;
    for (let i = 0; i < delta.length; i++) delta[i]! *= srmSurrogate(neuron, membranes![i]!);
    spreadBack(delta, srm.response, steps, width);
  }

  matters(): boolean {
    return true;
  }
}

/** Replaces x(n) by the sum over k of taps(k) x(n + k), in place: a step needs only itself and those behind it. */
function spreadBack(x: Float32Array, taps: Float32Array, steps: number, width: number): void {
  const sum = new Float64Array(width);
  for (let n = 0; n < steps; n++) {
    sum.fill(0);
    for (let k = 0; k < taps.length && n + k < steps; k++) {
      const row = (n + k) * width;
      const tap = taps[k]!;
      for (let j = 0; j < width; j++) sum[j]! += tap * x[row + j]!;
    }
    x.set(sum, n * width);
  }
}
