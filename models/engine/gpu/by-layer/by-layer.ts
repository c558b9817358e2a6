/**
 * The form for machines without a GPU: what is sparse or sequential is done in JavaScript (graph convolution, the scans
 * of the neurons, the lists of spikes), and gpu.js computes the currents of a dense layer for all scan steps of all
 * windows in one call. A scan inside a kernel would have to start from step 0 for every step.
 */
import type { ScanInput } from '../../../network/scan-input.js';
import { layerWidth } from '../../../network/spec.js';
import type { BranchOutcome } from '../../engine.js';
import type { LifBranch } from '../../event/branch.js';
import { type ActiveList, plainKernels } from '../../event/kernels.js';
import { type EventLayer, type LayerState, stepLayer } from '../../event/layer.js';
import type { BranchProgram } from '../branch-program.js';
import type { Device } from '../device.js';
import { DenseCall } from './dense-call.js';

/** What becomes of one window while its layers are computed one after the other. */
interface Tally {
  readonly counts: Uint32Array;
  readonly layerSpikes: number[];
  readonly layerOps: number[];
}

/** Called with the spikes of each layer at each step of each window. */
type Recorder = (layer: number, step: number, spikes: ActiveList) => void;

export class ByLayer implements BranchProgram {
  readonly #branch: LifBranch;
  /** Of every layer; absent for a graph convolution. */
  readonly #calls: readonly (DenseCall | undefined)[];

  /**
   * @param branch made with the plain kernels; programs may share it
   * @param windows most windows a call
   */
  constructor(device: Device, branch: LifBranch, windows: number) {
    this.#branch = branch;
    this.#calls = this.#branch.layers.map((layer) =>
      layer.spec.kind === 'dense' ? new DenseCall(device, layer, windows * this.#branch.steps) : undefined,
    );
  }

  run(inputs: readonly ScanInput[]): Promise<BranchOutcome[]> {
    return this.#run(inputs, () => {});
  }

  async trace(input: ScanInput): Promise<Uint8Array[]> {
    const { layers, steps } = this.#branch;
    const spikes = layers.map(({ spec }) => new Uint8Array(steps * layerWidth(spec)));
    await this.#run([input], (layer, step, { index, count }) => {
      const base = step * layerWidth(layers[layer]!.spec);
      for (let k = 0; k < count; k++) spikes[layer]![base + index[k]!] = 1;
    });
    return spikes;
  }

  async #run(inputs: readonly ScanInput[], record: Recorder): Promise<BranchOutcome[]> {
    const { layers } = this.#branch;
    const tallies = inputs.map(
      (): Tally => ({
        counts: new Uint32Array(layers.at(-1)!.width),
        layerSpikes: layers.map(() => 0),
        layerOps: layers.map(() => 0),
      }),
    );
    for (const call of this.#calls) call?.spikes.clear();
    this.#feed(inputs, tallies, record);
    for (const [l, call] of this.#calls.entries())
      if (call !== undefined) this.#fire(l, await call.currents(), tallies, record);
    return tallies;
  }

  /** Feeds the windows to the first layer: a graph convolution makes its steps here, a dense layer gets its lists. */
  #feed(inputs: readonly ScanInput[], tallies: readonly Tally[], record: Recorder): void {
    const { layers, states, neuron, steps } = this.#branch;
    const [layer, state] = [layers[0]!, states[0]!];
    for (const [w, input] of inputs.entries()) {
      state.membrane.after.fill(0);
      for (let step = 0; step < steps; step++) {
        const active = this.#load(input, step);
        if (layer.spec.kind === 'dense') {
          this.#toNext(-1, active, tallies[w]!);
        } else {
          tallies[w]!.layerOps[0]! += stepLayer(plainKernels, layer, neuron, state, active);
          this.#spiked(0, step, state.spikes, tallies[w]!, record);
        }
      }
    }
  }

  /** Scans the neurons of layer `l` over the currents of all windows. */
  #fire(l: number, currents: readonly Float32Array[], tallies: readonly Tally[], record: Recorder): void {
    const { layers, states, neuron, steps } = this.#branch;
    const { rows }: EventLayer = layers[l]!;
    const { membrane, spikes }: LayerState = states[l]!;
    for (const [w, tally] of tallies.entries()) {
      membrane.after.fill(0);
      for (let step = 0; step < steps; step++) {
        plainKernels.fire(rows, neuron, currents[w * steps + step]!, 0, membrane, spikes);
        this.#spiked(l, step, spikes, tally, record);
      }
    }
  }

  #spiked(l: number, step: number, spikes: ActiveList, tally: Tally, record: Recorder): void {
    record(l, step, spikes);
    tally.layerSpikes[l]! += spikes.count;
    if (l < this.#calls.length - 1) this.#toNext(l, spikes, tally);
    else for (let k = 0; k < spikes.count; k++) tally.counts[spikes.index[k]!]! += 1;
  }

  #toNext(l: number, spikes: ActiveList, tally: Tally): void {
    const call = this.#calls[l + 1]!;
    call.spikes.append(spikes);
    tally.layerOps[l + 1]! += spikes.count * this.#branch.layers[l + 1]!.spec.outputs;
  }

  #load({ start, index }: ScanInput, step: number): ActiveList {
    const { input } = this.#branch;
    const from = start[step]!;
    input.count = start[step + 1]! - from;
    for (let i = 0; i < input.count; i++) input.index[i] = index[from + i]!;
    return input;
  }
}
