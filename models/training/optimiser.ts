/**
 * Adam (Kingma & Ba 2015), with AMSGrad (Reddi et al. 2018) and decoupled weight decay (AdamW, Loshchilov & Hutter 2019);
 * RMSprop (Hinton 2012) as PyTorch has it, the published choice for spike-response networks.
 */

export const optimiserKinds = ['adam', 'adamw', 'rmsprop'] as const;

export interface OptimiserOptions {
  readonly kind: (typeof optimiserKinds)[number];
  readonly learningRate: number;
  /** adam, rmsprop: added to the gradient as L2; adamw: decays the weight itself. */
  readonly weightDecay?: number;
  /** Keep the largest second moment seen. */
  readonly amsgrad?: boolean;
  readonly beta1?: number;
  /** Decay of the second moment. Absent: 0.999; rmsprop: 0.99. */
  readonly beta2?: number;
  readonly epsilon?: number;
}

interface Moments {
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly largest: Float32Array | undefined;
}

export class Optimiser {
  readonly #options: Required<OptimiserOptions>;
  readonly #moments: readonly Moments[];
  #steps = 0;

  /** @param parameters arrays that `step` updates in place */
  constructor(
    private readonly parameters: readonly Float32Array[],
    options: OptimiserOptions,
  ) {
    const rmsprop = options.kind === 'rmsprop';
    const betas = rmsprop ? { beta1: 0, beta2: 0.99 } : { beta1: 0.9, beta2: 0.999 };
    this.#options = { weightDecay: 0, amsgrad: false, epsilon: 1e-8, ...betas, ...options };
    this.#moments = parameters.map(({ length }) => ({
      first: new Float32Array(length),
      second: new Float32Array(length),
      largest: this.#options.amsgrad ? new Float32Array(length) : undefined,
    }));
  }

  /**
   * One update; `gradients` lie as the parameters do.
   * @param rate factor on the learning rate, for schedules
   */
  step(gradients: readonly Float32Array[], rate = 1): void {
    this.#steps++;
    const { kind, learningRate, weightDecay, beta1, beta2, epsilon } = this.#options;
    const lr = learningRate * rate;
    // RMSprop does not correct the bias of its moments towards zero.
    const correction1 = kind === 'rmsprop' ? 1 : 1 - beta1 ** this.#steps;
    const correction2 = kind === 'rmsprop' ? 1 : Math.sqrt(1 - beta2 ** this.#steps);
    const l2 = kind === 'adamw' ? 0 : weightDecay;
    const shrink = kind === 'adamw' ? 1 - lr * weightDecay : 1;
    for (const [p, parameter] of this.parameters.entries()) {
      const gradient = gradients[p]!;
      const { first, second, largest } = this.#moments[p]!;
      for (let i = 0; i < parameter.length; i++) {
        const g = gradient[i]! + l2 * parameter[i]!;
        const m = flush(beta1 * first[i]! + (1 - beta1) * g);
        const v = flush(beta2 * second[i]! + (1 - beta2) * g * g);
        first[i] = m;
        second[i] = v;
        let scale = v;
        if (largest !== undefined) {
          if (v > largest[i]!) largest[i] = v;
          scale = largest[i]!;
        }
        parameter[i] =
          parameter[i]! * shrink - ((lr / correction1) * m) / (Math.sqrt(scale) / correction2 + epsilon);
      }
    }
  }
}

/** Moments of weights that no spike reaches decay for ever; stop them before they become denormal and slow. */
function flush(value: number): number {
  return value < 1e-30 && value > -1e-30 ? 0 : value;
}
