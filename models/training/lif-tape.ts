import type { BranchOutcome } from '../engine/engine.js';
import { type LifBranch, type Recorder, scanLif } from '../engine/event/branch.js';
import type { LayerState } from '../engine/event/layer.js';
import type { ScanInput } from '../network/scan-input.js';
import { SpikeTrain } from '../network/spike-train.js';
import { lifFires, lifSurrogate } from '../neurons/lif.js';
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
export class LifTape implements Tape, Recorder {
  /** Membrane potentials [steps + 1, width] a layer; row 0 is the zero state before the first step. */
  readonly membranes: readonly Float32Array[];
  /** Spikes a layer: at step n the entries `start[n] .. start[n+1]` of `index`. */
  readonly spikes: readonly SpikeTrain[];
  /** Hop features [steps, nodes, fan-in] of the graph convolution; empty if there is none. */
  readonly features: Float32Array;
  readonly #states: readonly (readonly LayerState[])[];

  constructor(private readonly branch: LifBranch) {
    const { layers, states, steps } = branch;
    this.membranes = layers.map(({ width }) => new Float32Array((steps + 1) * width));
    this.spikes = layers.map(({ width }) => new SpikeTrain(steps, width));
    const convolves = layers[0]!.spec.kind === 'tagconv';
    this.features = new Float32Array(convolves ? steps * states[0]!.work.length : 0);
    this.#states = layers.map(({ width }, l) =>
      Array.from({ length: steps }, (_, n) => ({
        ...states[l]!,
        membrane: rowsOf(this.membranes[l]!, n, width),
      })),
    );
  }

  scan(input: ScanInput): BranchOutcome {
    return scanLif(this.branch, input, this);
  }

  /** Membrane row n + 1 holds u(n). */
  throughNeurons(layer: number, delta: Float32Array): void {
    const { neuron: lif, steps, layers } = this.branch;
    const { width } = layers[layer]!;
    const membrane = this.membranes[layer]!;
    for (let j = 0; j < width; j++) {
      let after = 0;
      for (let n = steps - 1; n >= 0; n--) {
        const u = membrane[(n + 1) * width + j]!;
        const at = n * width + j;
        const kept = lifFires(lif, u) ? 0 : lif.decay * after;
        const spike = delta[at]! - lif.decay * u * after;
        after = spike * lifSurrogate(lif, u) + kept;
        delta[at] = after;
      }
    }
  }

  matters(layer: number, place: number): boolean {
    const { neuron, layers } = this.branch;
    return lifSurrogate(neuron, this.membranes[layer]![place + layers[layer]!.width]!) !== 0;
  }

  state(layer: number, step: number): LayerState {
    return this.#states[layer]![step]!;
  }

  record(layer: number, step: number, { spikes, work }: LayerState): void {
    this.spikes[layer]!.set(step, spikes);
    if (layer === 0 && this.features.length > 0) this.features.set(work, step * work.length);
  }
}

function rowsOf(membranes: Float32Array, step: number, width: number): LayerState['membrane'] {
  const row = (n: number): Float32Array => membranes.subarray(n * width, (n + 1) * width);
  return { before: row(step), after: row(step + 1) };
}
