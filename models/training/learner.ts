/** A network under training: event-engine branches whose weights are updated in place, with tapes and gradients. */

import type { BranchOutcome } from '../engine/engine.js';
import { createEventBranch, type LifBranch, scanLif } from '../engine/event/branch.js';
import { plainKernels } from '../engine/event/kernels.js';
import { decide } from '../network/decision.js';
import { scanInput } from '../network/scan-input.js';
import { checkSpec, checkWeights, layerFanIn, layerName } from '../network/shapes.js';
import { BRANCHES, type BranchName, type NetworkSpec } from '../network/spec.js';
import type { Tensor, Weights } from '../network/weights.js';
import type { TaxelWindow } from '../network/window.js';
import { backpropagate, createDeltas, createGradients, type LayerGradient } from './backward.js';
import { type LossName, loss } from './loss.js';
import { Tape } from './tape.js';

interface LearningBranch {
  readonly branch: LifBranch;
  readonly tape: Tape;
  readonly gradients: readonly LayerGradient[];
  readonly deltas: readonly Float32Array[];
}

export class Learner {
  readonly #branches: readonly LearningBranch[];

  /** Works on a copy of `weights`. */
  constructor(
    private readonly spec: NetworkSpec,
    weights: Weights,
  ) {
    checkSpec(spec);
    checkWeights(spec, weights);
    const own = new Map([...weights].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));
    this.#branches = BRANCHES.filter((name) => spec[name] !== undefined).map((name) => {
      const branch = createEventBranch(plainKernels, spec, name, own) as LifBranch;
      return {
        branch,
        tape: new Tape(branch),
        gradients: createGradients(branch),
        deltas: createDeltas(branch),
      };
    });
  }

  /** Parameter arrays, and below their gradients in the same order. */
  get parameters(): Float32Array[] {
    return this.#branches.flatMap(({ branch }) =>
      branch.layers.flatMap(({ rows }) => [rows.weight, rows.bias]),
    );
  }

  get gradients(): Float32Array[] {
    return this.#branches.flatMap(({ gradients }) => gradients.flatMap(({ weight, bias }) => [weight, bias]));
  }

  clearGradients(): void {
    for (const gradient of this.gradients) gradient.fill(0);
  }

  /**
   * Runs one window forward and backward and adds its gradients.
   * @param share weight of this window in its batch, 1 / batch size
   */
  learn(
    window: TaxelWindow,
    target: number,
    lossName: LossName,
    share: number,
  ): { loss: number; correct: boolean } {
    const inputs = this.#branches.map(({ branch }) =>
      scanInput(this.spec, branch.name as BranchName, window),
    );
    const outcome: { [B in BranchName]?: BranchOutcome } = {};
    for (const [b, { branch, tape }] of this.#branches.entries())
      outcome[branch.name as BranchName] = scanLif(branch, inputs[b]!, tape);
    const { rates, labelId } = decide(this.spec, outcome);
    const { value, gradient } = loss(lossName, rates, target, this.spec.decision.temperature);
    for (const [b, { branch, tape, gradients, deltas }] of this.#branches.entries()) {
      // rate = mean over branches of count / steps
      const perSpike = share / (this.#branches.length * branch.steps);
      backpropagate(
        branch,
        tape,
        inputs[b]!,
        gradient.map((g) => g * perSpike),
        gradients,
        deltas,
      );
    }
    return { loss: value, correct: labelId === target };
  }

  /** A copy of the present weights (or gradients), in the layout of model files. */
  weights(what: 'parameters' | 'gradients' = 'parameters'): Weights {
    const tensors = new Map<string, Tensor>();
    for (const { branch, gradients } of this.#branches) {
      const specs = branch.layers.map(({ spec }) => spec);
      for (const [l, layer] of branch.layers.entries()) {
        const { weight, bias } = what === 'parameters' ? layer.rows : gradients[l]!;
        const name = `${branch.name}.${layerName(specs, l)}`;
        const shape = [layer.spec.outputs, layerFanIn(layer.spec)] as const;
        tensors.set(`${name}.weight`, { shape, data: turned(weight, shape[1], shape[0]) });
        tensors.set(`${name}.bias`, { shape: [layer.spec.outputs], data: bias.slice() });
      }
    }
    return tensors;
  }
}

/** [rows, columns] -> [columns, rows]. */
function turned(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(matrix.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) out[c * rows + r] = matrix[r * columns + c]!;
  return out;
}
