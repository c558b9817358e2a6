import type { Answer } from '../engine/engine.js';
import { BRANCHES, type NetworkSpec, scanSteps } from './spec.js';

/** What a window is, as far as the network can tell. */
export interface Decision {
  /** Fused output rate a class, spikes a scan step, 0..1. */
  readonly rates: Float32Array;
  /** softmax(rate / temperature): positive, sums to 1. */
  readonly scores: Float32Array;
  readonly labelId: number;
  readonly label: string;
  /** Score of the label, 0..1. */
  readonly confidence: number;
  /** Score of the label minus the next best score, 0..1. */
  readonly margin: number;
}

/**
 * From output spikes to a label. The rate of a branch is its spike count over its scan steps; branches are averaged
 * (Kang et al. 2023, mean fusion); the label has the highest rate, the lower index where rates tie.
 */
export function decide(spec: NetworkSpec, outcome: Answer): Decision {
  const rates = fusedRates(spec, outcome);
  const scores = softmax(rates, spec.decision.temperature);
  let labelId = 0;
  for (let c = 1; c < rates.length; c++) if (rates[c]! > rates[labelId]!) labelId = c;
  let runnerUp = 0;
  for (let c = 0; c < scores.length; c++) if (c !== labelId && scores[c]! > runnerUp) runnerUp = scores[c]!;
  const confidence = scores[labelId]!;
  return { rates, scores, labelId, label: spec.labels[labelId]!, confidence, margin: confidence - runnerUp };
}

/** Mean over the branches of spikes / scan steps, float32 as in the published code. */
export function fusedRates(spec: NetworkSpec, outcome: Answer): Float32Array {
  const branches = BRANCHES.filter((branch) => outcome[branch] !== undefined);
  const rates = new Float32Array(spec.labels.length);
  for (const branch of branches) {
    const steps = scanSteps(spec, branch);
    const { counts } = outcome[branch]!;
    for (let c = 0; c < rates.length; c++) rates[c]! += counts[c]! / steps;
  }
  return rates.map((sum) => sum / branches.length);
}

/** softmax(values / temperature), computed without overflow. */
export function softmax(values: ArrayLike<number>, temperature = 1): Float32Array {
  const top = Math.max(...Array.from(values));
  const powers = Array.from(values, (value) => Math.exp((value - top) / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return Float32Array.from(powers, (power) => power / sum);
}
