import type { BranchOutcome } from '../engine/engine.js';
import { type LifBranch, scanLif } from '../engine/event/branch.js';
import type { ScanInput } from '../network/scan-input.js';
import { SpikeTrain } from '../network/spike-train.js';
import { lifFires, lifSurrogate } from '../neurons/lif.js';
import { unpad } from './padding.js';
import type { Tape } from './stack-learner.js';

/**
 * The backward pass through leaky integrate-and-fire neurons (STBP, Wu et al. 2018). With g(n) = dL/ds(n) from the layer
 * above, h = ds/du the rectangular surrogate, and
 *
 *   u(n+1) = decay * u(n) * (1 - s(n)) + I(n+1)
 *
 * the chain rule through both the membrane and the reset factor is, for n from the last step to the first,
 *
 *   dL/du(n) = (g(n) - decay * u(n) * dL/du(n+1)) * h(u(n))  +  decay * (1 - s(n)) * dL/du(n+1)
 *
 * and dL/dI(n) = dL/du(n).
 */
export class LifTape implements Tape {
  readonly spikes: readonly SpikeTrain[];
  /** Hop features [steps, nodes, fan-in] of the graph convolution; empty if there is none. */
  readonly features: Float32Array;
  /** u(n) [steps, width] a layer. */
  readonly #membranes: readonly Float32Array[];

  constructor(private readonly branch: LifBranch) {
    const { layers, states, steps } = branch;
    this.#membranes = layers.map(({ width }) => new Float32Array(steps * width));
    this.spikes = layers.map(({ width }) => new SpikeTrain(steps, width));
    const convolves = layers[0]!.spec.kind === 'tagconv';
    this.features = new Float32Array(convolves ? steps * states[0]!.work.length : 0);
  }

  scan(input: ScanInput): BranchOutcome {
    return scanLif(this.branch, input, (layer, step, { membrane, spikes, work }) => {
      const { rows, width } = this.branch.layers[layer]!;
      unpad(this.#membranes[layer]!, step * width, membrane, rows, width);
      this.spikes[layer]!.set(step, spikes);
      if (layer === 0 && this.features.length > 0) this.features.set(work, step * work.length);
    });
  }

  throughNeurons(layer: number, delta: Float32Array): void {
    const { neuron: lif, steps, layers } = this.branch;
    const { width } = layers[layer]!;
    const membrane = this.#membranes[layer]!;
    const after = new Float64Array(width); // dL/du(n+1)
    for (let n = steps - 1; n >= 0; n--) {
      for (let j = 0; j < width; j++) {
        const at = n * width + j;
        const u = membrane[at]!;
        const kept = lifFires(lif, u) ? 0 : lif.decay * after[j]!;
        const spike = delta[at]! - lif.decay * u * after[j]!;
        after[j] = spike * lifSurrogate(lif, u) + kept;
        delta[at] = after[j]!;
      }
    }
  }

  matters(layer: number, place: number): boolean {
    return lifSurrogate(this.branch.neuron, this.#membranes[layer]![place]!) !== 0;
  }
}
