import type { Answer } from '../engine/engine.js';
import { BRANCHES, type NetworkSpec, type StackName, scanSteps } from './spec.js';

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
 * From output spikes to a label. The rate of a stack is its spike count over its scan steps; how branches are fused is
 * said by the spec (`DecisionSpec`). The label has the highest rate, the lower index where rates tie.
 * @param progress part of the window that has been, 0..1: matters during the touch, with time-weighted fusion
 */
export function decide(spec: NetworkSpec, answer: Answer, progress = 1): Decision {
  const rates = fusedRates(spec, answer, progress);
  const scores = softmax(rates, spec.decision.temperature);
  let labelId = 0;
  for (let c = 1; c < rates.length; c++) if (rates[c]! > rates[labelId]!) labelId = c;
  let runnerUp = 0;
  for (let c = 0; c < scores.length; c++) if (c !== labelId && scores[c]! > runnerUp) runnerUp = scores[c]!;
  const confidence = scores[labelId]!;
  return { rates, scores, labelId, label: spec.labels[labelId]!, confidence, margin: confidence - runnerUp };
}

/**
 * Weight of the location branch during the touch, 0..1, against 1 - lambda of the time branch (Kang et al. 2023):
 * lambda(t) = 1 / (1 + exp(-psi (t / T - 1))); 1/2 at the end of the window.
 * @param progress t / T, 0..1
 */
export function locationShare(psi: number, progress: number): number {
  return 1 / (1 + Math.exp(-psi * (progress - 1)));
}

/** psi of the published networks, by data set (Kang et al. 2023). */
export const publishedPsi = { objects: 15, containers: 10, slip: 2 } as const;

/** What a stack's spike counts in a decision, and the scan steps that it is divided by. */
export interface OutputWeight {
  readonly stack: StackName;
  readonly weight: number;
  readonly steps: number;
}

/**
 * How the stacks of a network enter its rates: rate = sum over stacks of weight * count / steps. Of the stacks there are
 * in `answer`: the fused one answers alone.
 */
export function outputWeights(spec: NetworkSpec, progress = 1): readonly OutputWeight[] {
  if (spec.fused !== undefined) return [{ stack: 'fused', weight: 1, steps: scanSteps(spec, 'fused') }];
  const branches = BRANCHES.filter((branch) => spec[branch] !== undefined);
  if (branches.length === 1)
    return branches.map((stack) => ({ stack, weight: 1, steps: scanSteps(spec, stack) }));
  const { fusion, locationWeight = 1, psi } = spec.decision;
  const lambda = psi === undefined ? 0.5 : locationShare(psi, progress);
  const allSteps = branches.reduce((sum, branch) => sum + scanSteps(spec, branch), 0);
  return branches.map((stack) => ({
    stack,
    weight: (stack === 'time' ? 2 * (1 - lambda) : 2 * lambda * locationWeight) / (fusion === 'mean' ? 2 : 1),
    steps: fusion === 'mean' ? scanSteps(spec, stack) : allSteps,
  }));
}

/** Weighted rates of the classes, float32. */
export function fusedRates(spec: NetworkSpec, answer: Answer, progress = 1): Float32Array {
  const rates = new Float32Array(spec.labels.length);
  for (const { stack, weight, steps } of outputWeights(spec, progress)) {
    const { counts } = answer[stack]!;
    for (let c = 0; c < rates.length; c++) rates[c]! += (weight * counts[c]!) / steps;
  }
  return rates;
}

/** softmax(values / temperature), computed without overflow. */
export function softmax(values: ArrayLike<number>, temperature = 1): Float32Array {
  const top = Math.max(...Array.from(values));
  const powers = Array.from(values, (value) => Math.exp((value - top) / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return Float32Array.from(powers, (power) => power / sum);
}
