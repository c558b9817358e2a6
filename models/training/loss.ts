/** Losses on the fused output rates of one window, with their gradients; a batch is the mean over its windows. */
import { softmax } from '../network/decision.js';

export type LossName =
  | 'mse'
  | 'cross-entropy'
  | 'num-spikes'
  | 'weighted-num-spikes'
  | 'weighted-location-num-spikes';

export interface Loss {
  readonly value: number;
  /** dL/drate a class. */
  readonly gradient: Float64Array;
}

/**
 * mse: mean over classes of (rate - [class is the target])^2, the published choice.
 * cross-entropy: -log softmax(rate / temperature)[target], with the temperature of the decision.
 */
export function loss(name: LossName, rates: Float32Array, target: number, temperature: number): Loss {
  return name === 'mse' ? meanSquaredError(rates, target) : crossEntropy(rates, target, temperature);
}

function meanSquaredError(rates: Float32Array, target: number): Loss {
  const classes = rates.length;
  const error = Float64Array.from(rates, (rate, c) => rate - (c === target ? 1 : 0));
  return {
    value: error.reduce((sum, e) => sum + e * e, 0) / classes,
    gradient: error.map((e) => (2 * e) / classes),
  };
}

function crossEntropy(rates: Float32Array, target: number, temperature: number): Loss {
  const scores = softmax(rates, temperature);
  return {
    value: -Math.log(Math.max(scores[target]!, Number.MIN_VALUE)),
    gradient: Float64Array.from(scores, (score, c) => (score - (c === target ? 1 : 0)) / temperature),
  };
}
