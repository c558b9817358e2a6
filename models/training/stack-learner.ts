import type { BranchOutcome } from '../engine/engine.js';
import type { EventBranch } from '../engine/event/branch.js';
import type { ScanInput } from '../network/scan-input.js';
import {
  backpropagate,
  createDeltas,
  createGradients,
  type LayerGradient,
  type Recorded,
} from './backward.js';
import { LifTape } from './lif-tape.js';
import { SrmTape } from './srm-tape.js';

/** Runs a stack over a window and keeps what the backward pass needs. */
export interface Tape extends Recorded {
  scan(input: ScanInput): BranchOutcome;
}

/** A stack under training: its weights, a tape, its gradients. Needs plain kernels. */
export class StackLearner {
  readonly gradients: readonly LayerGradient[];
  readonly #deltas: readonly Float32Array[];
  readonly #tape: Tape;
  #input: ScanInput | undefined;

  constructor(readonly branch: EventBranch) {
    this.gradients = createGradients(branch);
    this.#deltas = createDeltas(branch);
    this.#tape = branch.kind === 'lif' ? new LifTape(branch) : new SrmTape(branch);
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

  /** dL/dI of the first layer after `backward`. */
  get firstDelta(): Float32Array {
    return this.#deltas[0]!;
  }

  /** Adds the gradients of the last window. */
  backward(): void {
    backpropagate(this.branch, this.#tape, this.#input!, this.gradients, this.#deltas);
  }
}
