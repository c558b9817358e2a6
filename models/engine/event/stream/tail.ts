/**
 * What a branch would still say if nothing were touched any more. Without input a layer has constant currents, and most
 * neurons can then never fire again; the few that can soon repeat themselves exactly, because the decay wipes out the
 * past below the last bit of a float32. So the rest of a scan is either silent, or one period and a multiplication.
 */

import type { LifSpec } from '../../../network/spec.js';
import { smallestNormal } from '../../../neurons/lif.js';
import type { ActiveList, Kernels } from '../kernels.js';
import { createLayerState, type EventLayer, type LayerState, stepLayer } from '../layer.js';

export class Tail {
  /** First layer in which a neuron can fire without input; the layers below stay silent. */
  readonly #from: number;
  readonly #states: readonly LayerState[];
  /** State at an earlier step, to find out when everything repeats. */
  readonly #snapshots: readonly Float32Array[];
  readonly #silence: ActiveList;
  readonly #periodCounts: Uint32Array;

  constructor(
    private readonly kernels: Kernels,
    private readonly neuron: LifSpec,
    private readonly layers: readonly EventLayer[],
  ) {
    const first = layers.findIndex((layer) => !staysQuiet(neuron, layer));
    this.#from = first < 0 ? layers.length : first;
    this.#states = layers.slice(this.#from).map((layer) => createLayerState(kernels, layer));
    this.#snapshots = this.#states.map(({ membrane }) => new Float32Array(membrane.length));
    this.#silence = { index: kernels.indices(1), count: 0 };
    this.#periodCounts = new Uint32Array(layers.at(-1)!.width);
  }

  /**
   * Adds to `counts` the output spikes of `steps` more steps without input.
   * @param states where the layers stand; they are not changed
   */
  addTo(counts: Uint32Array, states: readonly LayerState[], steps: number): void {
    if (this.#from === this.layers.length) return;
    for (const [i, own] of this.#states.entries()) own.membrane.set(states[this.#from + i]!.membrane);
    // Brent's cycle detection: compare with a snapshot that is renewed after 1, 2, 4, 8 ... steps.
    let left = steps;
    let sinceSnapshot = 0;
    let snapshotFor = 1;
    this.#takeSnapshot();
    while (left > 0) {
      this.#step(counts);
      left--;
      sinceSnapshot++;
      if (this.#atSnapshot()) {
        const periods = Math.floor(left / sinceSnapshot);
        for (let c = 0; c < counts.length; c++) counts[c]! += periods * this.#periodCounts[c]!;
        left -= periods * sinceSnapshot;
        for (; left > 0; left--) this.#step(counts);
        return;
      }
      if (sinceSnapshot === snapshotFor) {
        snapshotFor *= 2;
        sinceSnapshot = 0;
        this.#takeSnapshot();
      }
    }
  }

  #step(counts: Uint32Array): void {
    let active = this.#silence;
    for (const [i, state] of this.#states.entries()) {
      stepLayer(this.kernels, this.layers[this.#from + i]!, this.neuron, state, active);
      active = state.spikes;
    }
    for (let k = 0; k < active.count; k++) {
      counts[active.index[k]!]! += 1;
      this.#periodCounts[active.index[k]!]! += 1;
    }
  }

  #takeSnapshot(): void {
    for (const [i, { membrane }] of this.#states.entries()) this.#snapshots[i]!.set(membrane);
    this.#periodCounts.fill(0);
  }

  #atSnapshot(): boolean {
    return this.#states.every(({ membrane }, i) => sameValues(membrane, this.#snapshots[i]!));
  }
}

/**
 * Whether no neuron of the layer can ever fire without input, wherever it stands. A neuron below the threshold goes to at
 * most decay * threshold + bias (rounding is monotonic), one that has just fired to its bias; if both are at most the
 * threshold, it stays there.
 */
export function staysQuiet({ decay, threshold }: LifSpec, { rows }: EventLayer): boolean {
  const limit = Math.fround(threshold);
  const kept = Math.fround(Math.fround(decay) * limit);
  return rows.bias.every(
    (bias) => Math.fround(kept + bias) <= limit && bias <= limit && limit > smallestNormal,
  );
}

function sameValues(a: Float32Array, b: Float32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
