/**
 * The backward pass through spike-response neurons (SLAYER, Shrestha & Orchard 2018). With g(n) = dL/ds(n) from the layer
 * above and h = ds/du the exponential surrogate, evaluated at the membrane potential with its refractory part,
 *
 *   dL/du(n) = g(n) h(u(n))            nothing flows through the refractory response
 *   dL/da(n) = sum over k of e(k) dL/du(n + k)
 */
import type { BranchOutcome } from '../engine/engine.js';
import {
  createSrmState,
  type SrmBranch,
  type SrmState,
  scanSrm,
  srmOutcome,
} from '../engine/event/srm/srm-branch.js';
import type { ScanInput } from '../network/scan-input.js';
import { srmSurrogate } from '../neurons/srm.js';
import type { Tape } from './stack-learner.js';

export class SrmTape implements Tape {
  readonly spikes: readonly ScanInput[];
  readonly #state: SrmState;

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
    const { rows, width } = layers[layer]!;
    const { membranes } = this.#state.scans[layer]!;
    for (let n = 0; n < steps; n++)
      for (let j = 0; j < width; j++)
        delta[n * width + j]! *= srmSurrogate(neuron, membranes![n * rows.stride + j]!);
    spreadBack(delta, neuron.responseTau, srm.response.length, steps, width);
  }

  matters(): boolean {
    return true;
  }
}

/**
 * Replaces x(n) by y(n) = sum over k < taps of e(k) x(n + k), e(k) = (k / tau) exp(1 - k / tau), in place. Instead of 77
 * products a step, two sums that follow from those of the step behind: with r = exp(-1 / tau),
 *
 *   A(n) = sum r^k x(n+k)    = x(n) + r A(n+1) - r^taps x(n + taps)
 *   B(n) = sum k r^k x(n+k)  = r (A(n+1) + B(n+1)) - taps r^taps x(n + taps)      y(n) = B(n) exp(1) / tau
 *
 * in float64, where what has been added and is taken away again leaves nothing behind.
 */
function spreadBack(x: Float32Array, tau: number, taps: number, steps: number, width: number): void {
  const r = Math.exp(-1 / tau);
  const last = r ** taps;
  const scale = Math.E / tau;
  for (let j = 0; j < width; j++) {
    let a = 0;
    let b = 0;
    const leaving = new Float64Array(taps); // x(n .. n + taps - 1), a ring
    for (let n = steps - 1; n >= 0; n--) {
      const at = n * width + j;
      const gone = last * leaving[n % taps]!;
      b = r * (a + b) - taps * gone;
      a = x[at]! + r * a - gone;
      leaving[n % taps] = x[at]!;
      x[at] = scale * b;
    }
  }
}
