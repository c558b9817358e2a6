/**
 * The form for machines without a GPU: what is sparse or sequential is done in JavaScript (graph convolution, the scans
 * of the neurons, the lists of spikes), and gpu.js computes the currents of a dense layer for all scan steps of all
 * windows in one call. A scan inside a kernel would have to start from step 0 for every step.
 */
import type { ScanInput } from '../../../network/scan-input.js';
import { activeAt, type EventBranch, type LifBranch } from '../../event/branch.js';
import { type ActiveList, plainKernels } from '../../event/kernels.js';
import { stepLayer } from '../../event/layer.js';
import type { BranchProgram, BranchResult } from '../branch-program.js';
import type { Device } from '../device.js';
import { DenseCall } from './dense-call.js';
import { scanNeurons } from './neurons.js';

/** What becomes of one window while its layers are computed one after the other. */
interface Tally {
  readonly counts: Uint32Array;
  readonly layerSpikes: number[];
  readonly layerOps: number[];
  /** Spikes [steps, width] of the layers that they are wanted of. */
  readonly spikes: readonly (Uint8Array | undefined)[];
}

export class ByLayer implements BranchProgram {
  readonly #branch: EventBranch;
  /** Of every layer; absent for a graph convolution. */
  readonly #calls: readonly (DenseCall | undefined)[];

  /**
   * @param branch made with the plain kernels; programs may share it
   * @param windows most windows a call
   */
  constructor(device: Device, branch: EventBranch, windows: number) {
    this.#branch = branch;
    this.#calls = this.#branch.layers.map((layer) =>
      layer.spec.kind === 'dense' ? new DenseCall(device, layer, windows * this.#branch.steps) : undefined,
    );
  }

  async run(inputs: readonly ScanInput[], withOutput: boolean): Promise<BranchResult[]> {
    const last = this.#branch.layers.length - 1;
    const tallies = await this.#run(inputs, (layer) => withOutput && layer === last);
    return tallies.map(({ spikes, ...outcome }) => ({ outcome, output: spikes[last] }));
  }

  async trace(input: ScanInput): Promise<Uint8Array[]> {
    const [tally] = await this.#run([input], () => true);
    return tally!.spikes as Uint8Array[];
  }

  /** @param wanted whether the spikes of a layer are */
  async #run(inputs: readonly ScanInput[], wanted: (layer: number) => boolean): Promise<Tally[]> {
    const { layers, steps } = this.#branch;
    const tallies = inputs.map(
      (): Tally => ({
        counts: new Uint32Array(layers.at(-1)!.width),
        layerSpikes: layers.map(() => 0),
        layerOps: layers.map(() => 0),
        spikes: layers.map(({ width }, l) => (wanted(l) ? new Uint8Array(steps * width) : undefined)),
      }),
    );
    for (const call of this.#calls) call?.spikes.clear();
    for (const [w, input] of inputs.entries()) this.#feed(input, tallies[w]!);
    for (const [l, call] of this.#calls.entries()) {
      if (call === undefined) continue;
      const currents = await call.currents();
      for (const [w, tally] of tallies.entries())
        scanNeurons(this.#branch, l, currents.slice(w * steps, (w + 1) * steps), (step, spikes) =>
          this.#spiked(l, step, spikes, tally),
        );
    }
    return tallies;
  }

  /** Feeds a window to the first layer: a graph convolution makes its steps here, a dense layer gets its lists. */
  #feed(input: ScanInput, tally: Tally): void {
    const { layers, steps } = this.#branch;
    if (layers[0]!.spec.kind === 'tagconv') this.#convolve(input, tally);
    else for (let step = 0; step < steps; step++) this.#toNext(-1, activeAt(input, step), tally);
  }

  /** Graph convolutions have LIF neurons. */
  #convolve(input: ScanInput, tally: Tally): void {
    const { layers, states, neuron, steps } = this.#branch as LifBranch;
    const [layer, state] = [layers[0]!, states[0]!];
    state.membrane.fill(0);
    for (let step = 0; step < steps; step++) {
      tally.layerOps[0]! += stepLayer(plainKernels, layer, neuron, state, activeAt(input, step));
      this.#spiked(0, step, state.spikes, tally);
    }
  }

  #spiked(l: number, step: number, spikes: ActiveList, tally: Tally): void {
    const wanted = tally.spikes[l];
    if (wanted !== undefined) {
      const base = step * this.#branch.layers[l]!.width;
      for (let k = 0; k < spikes.count; k++) wanted[base + spikes.index[k]!] = 1;
    }
    tally.layerSpikes[l]! += spikes.count;
    if (l < this.#calls.length - 1) this.#toNext(l, spikes, tally);
    else for (let k = 0; k < spikes.count; k++) tally.counts[spikes.index[k]!]! += 1;
  }

  #toNext(l: number, spikes: ActiveList, tally: Tally): void {
    const call = this.#calls[l + 1]!;
    call.spikes.append(spikes);
    tally.layerOps[l + 1]! += spikes.count * this.#branch.layers[l + 1]!.spec.outputs;
  }
}
