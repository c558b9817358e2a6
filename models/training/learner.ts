/** A network under training: stacks of the event engine whose weights are updated in place, with tapes and gradients. */

import type { BranchOutcome } from '../engine/engine.js';
import { fastestKernels } from '../engine/event/event.js';
import { createEventNetwork } from '../engine/event/scan-window.js';
import { decide } from '../network/decision.js';
import { fusedInput, type ScanInput, scanInput } from '../network/scan-input.js';
import { checkSpec, checkWeights, layerFanIn, layerName } from '../network/shapes.js';
import type { NetworkSpec, StackName } from '../network/spec.js';
import type { Tensor, Weights } from '../network/weights.js';
import type { TaxelWindow } from '../network/window.js';
import { type LossSpec, loss, type StackOutput } from './loss.js';
import { StackLearner } from './stack-learner.js';

export class Learner {
  readonly #stacks: ReadonlyMap<StackName, StackLearner>;

  /** Works on a copy of `weights`. */
  constructor(
    private readonly spec: NetworkSpec,
    weights: Weights,
  ) {
    checkSpec(spec);
    checkWeights(spec, weights);
    const { stacks } = createEventNetwork(fastestKernels(), spec, weights);
    this.#stacks = new Map(stacks.map((stack) => [stack.name, new StackLearner(stack)]));
  }

  /** Parameter arrays, and below their gradients in the same order. Changes count from the next `beginBatch` on. */
  get parameters(): Float32Array[] {
    return this.#arrays('parameters');
  }

  get gradients(): Float32Array[] {
    return this.#arrays('gradients');
  }

  /** Clears the gradients and takes over the present parameters. */
  beginBatch(): void {
    for (const gradient of this.gradients) gradient.fill(0);
    for (const stack of this.#stacks.values()) stack.load();
  }

  /**
   * Runs one window forward and backward and adds its gradients.
   * @param share weight of this window in its batch, 1 / batch size
   */
  learn(
    window: TaxelWindow,
    target: number,
    lossSpec: LossSpec,
    share: number,
  ): { loss: number; correct: boolean } {
    const outputs: { [S in StackName]?: StackOutput } = {};
    const outcome: { [S in StackName]?: BranchOutcome } = {};
    for (const [name, stack] of this.#stacks) {
      const found = stack.forward(this.#inputOf(name, window));
      outcome[name] = found;
      outputs[name] = { counts: found.counts, spikes: stack.output, gradient: stack.outputGradient };
    }
    const value = loss(lossSpec, this.spec, outputs, target, share);
    const fused = this.#stacks.get('fused');
    if (fused !== undefined) {
      fused.backward();
      this.#passOn(fused);
    }
    for (const [name, stack] of this.#stacks) if (name !== 'fused') stack.backward();
    return { loss: value, correct: decide(this.spec, outcome).labelId === target };
  }

  #inputOf(name: StackName, window: TaxelWindow): ScanInput {
    if (name !== 'fused') return scanInput(this.spec, name, window);
    return fusedInput(this.#stacks.get('time')!.output, this.#stacks.get('location')!.output);
  }

  /** Gradients of the fused stack's inputs are those of the branches' outputs. */
  #passOn(fused: StackLearner): void {
    const time = this.#stacks.get('time')!.outputGradient;
    const location = this.#stacks.get('location')!.outputGradient;
    const inputs = new Float32Array(time.length + location.length);
    fused.inputGradient(inputs);
    time.set(inputs.subarray(0, time.length));
    location.set(inputs.subarray(time.length));
  }

  /** A copy of the present weights (or gradients), in the layout of model files. */
  weights(what: 'parameters' | 'gradients' = 'parameters'): Weights {
    const tensors = new Map<string, Tensor>();
    for (const stack of this.#stacks.values()) {
      const { branch } = stack;
      const specs = branch.layers.map(({ spec }) => spec);
      for (const [l, layer] of branch.layers.entries()) {
        const { weight, bias } = stack[what][l]!;
        const name = `${branch.name}.${layerName(specs, l)}`;
        const shape = [layer.spec.outputs, layerFanIn(layer.spec)] as const;
        tensors.set(`${name}.weight`, { shape, data: turned(weight, shape[1], shape[0]) });
        if (branch.kind === 'lif')
          tensors.set(`${name}.bias`, { shape: [layer.spec.outputs], data: bias.slice() });
      }
    }
    return tensors;
  }

  #arrays(what: 'parameters' | 'gradients'): Float32Array[] {
    return [...this.#stacks.values()].flatMap((stack) =>
      stack[what].flatMap(({ weight, bias }) => (stack.branch.kind === 'lif' ? [weight, bias] : [weight])),
    );
  }
}

/** [rows, columns] -> [columns, rows]. */
function turned(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(matrix.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) out[c * rows + r] = matrix[r * columns + c]!;
  return out;
}
