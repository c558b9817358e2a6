import type { LifBranch, Recorder } from '../engine/event/branch.js';
import type { LayerState } from '../engine/event/layer.js';
import type { ScanInput } from '../network/scan-input.js';

/** What the forward scan of a branch leaves behind for the backward pass. Needs kernels without padding (plain). */
export class Tape implements Recorder {
  /** Membrane potentials [steps + 1, width] a layer; row 0 is the zero state before the first step. */
  readonly membranes: readonly Float32Array[];
  /** Spikes a layer: at step n the entries `start[n] .. start[n+1]` of `index`. */
  readonly spikes: readonly ScanInput[];
  /** Hop features [steps, nodes, fan-in] of the graph convolution; empty if there is none. */
  readonly features: Float32Array;
  readonly #states: readonly (readonly LayerState[])[];

  constructor({ layers, states, steps }: LifBranch) {
    this.membranes = layers.map(({ width }) => new Float32Array((steps + 1) * width));
    this.spikes = layers.map(({ width }) => ({
      start: new Uint32Array(steps + 1),
      index: new Uint32Array(steps * width),
    }));
    const convolves = layers[0]!.spec.kind === 'tagconv';
    this.features = new Float32Array(convolves ? steps * states[0]!.work.length : 0);
    this.#states = layers.map(({ width }, l) =>
      Array.from({ length: steps }, (_, n) => ({
        ...states[l]!,
        membrane: rowsOf(this.membranes[l]!, n, width),
      })),
    );
  }

  state(layer: number, step: number): LayerState {
    return this.#states[layer]![step]!;
  }

  record(layer: number, step: number, { spikes, work }: LayerState): void {
    const { start, index } = this.spikes[layer]!;
    index.set(spikes.index.subarray(0, spikes.count), start[step]!);
    start[step + 1] = start[step]! + spikes.count;
    if (layer === 0 && this.features.length > 0) this.features.set(work, step * work.length);
  }
}

function rowsOf(membranes: Float32Array, step: number, width: number): LayerState['membrane'] {
  const row = (n: number): Float32Array => membranes.subarray(n * width, (n + 1) * width);
  return { before: row(step), after: row(step + 1) };
}
