import type { BranchOutcome } from '../engine/engine.js';
import type { EventBranch } from '../engine/event/branch.js';
import type { ScanInput } from '../network/scan-input.js';
import { layerFanIn } from '../network/shapes.js';
import {
  type BackwardMemory,
  backpropagate,
  createBackwardMemory,
  type LayerParameters,
  type Recorded,
  throughWeights,
} from './backward.js';
import { LifTape } from './lif-tape.js';
import { pad, unpad } from './padding.js';
import { SrmTape } from './srm-tape.js';

/** Runs a stack over a window and keeps what the backward pass needs. */
export interface Tape extends Recorded {
  scan(input: ScanInput): BranchOutcome;
}

/**
 * A stack under training: its weights, a tape, its gradients. The forward pass is that of the event engine with its
 * fastest kernels, so what is trained is what runs; the weights that the optimiser changes are copies without padding.
 */
export class StackLearner {
  /** Weights and biases of each layer, [fan-in, outputs] and [outputs]. */
  readonly parameters: readonly LayerParameters[];
  readonly gradients: readonly LayerParameters[];
  readonly #deltas: readonly Float32Array[];
  readonly #memory: readonly BackwardMemory[];
  readonly #tape: Tape;
  #input: ScanInput | undefined;

  constructor(readonly branch: EventBranch) {
    this.parameters = branch.layers.map(({ rows, spec }) => {
      const weight = new Float32Array(layerFanIn(spec) * spec.outputs);
      unpad(weight, 0, rows.weight, rows, weight.length);
      return { weight, bias: rows.bias.slice(0, spec.outputs) };
    });
    this.gradients = this.parameters.map(({ weight, bias }) => ({
      weight: new Float32Array(weight.length),
      bias: new Float32Array(bias.length),
    }));
    this.#deltas = branch.layers.map(({ width }) => new Float32Array(branch.steps * width));
    this.#memory = branch.layers.map((layer) => createBackwardMemory(branch.kernels, layer));
    this.#tape = branch.kind === 'lif' ? new LifTape(branch) : new SrmTape(branch);
  }

  /** Gives the engine the present weights. */
  load(): void {
    for (const [l, { rows }] of this.branch.layers.entries()) {
      pad(rows.weight, this.parameters[l]!.weight, rows);
      rows.bias.set(this.parameters[l]!.bias);
    }
  }

  forward(input: ScanInput): BranchOutcome {
    this.#input = input;
    return this.#tape.scan(input);
  }

  /** Output spikes of the last window. */
  get output(): ScanInput {
    return this.#tape.spikes.at(-1)!;
  }

  /** dL/ds of the output spikes [steps, classes]: to be filled before `backward`. */
  get outputGradient(): Float32Array {
    return this.#deltas.at(-1)!;
  }

  /** Adds the gradients of the last window. */
  backward(): void {
    backpropagate(this.branch, this.#memory, this.#tape, this.#input!, this.gradients, this.#deltas);
  }

  /** dL/dinput [steps, inputs] of the last window, after `backward`; only where the first layer is dense. */
  inputGradient(out: Float32Array): void {
    const [layer] = this.branch.layers;
    const { kernels, steps } = this.branch;
    throughWeights(layer!, kernels, this.#memory[0]!, steps, this.#deltas[0]!, out, () => true);
  }
}
