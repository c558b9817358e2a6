/** Confidence that means something: temperature scaling (Guo et al., ICML 2017) on windows that training did not see. */
import { softmax } from '../network/decision.js';

/** Temperatures that are looked at. */
const lowest = 1e-3;
const highest = 10;

/**
 * The temperature with which softmax(rate / temperature) explains the classes best: least mean negative log likelihood.
 * The right class is expected with probability (n + 1) / (n + 2) instead of 1, n being the number of windows (Platt 1999):
 * otherwise a network that is right on all of a few windows would be made infinitely sure.
 * @param rates fused rates of each window
 * @param targets class of each window
 * Throws RangeError without windows.
 */
export function fitTemperature(rates: readonly Float32Array[], targets: readonly number[]): number {
  if (rates.length === 0) throw new RangeError('there are no windows to fit a temperature on');
  const cost = (logarithm: number): number => surprise(rates, targets, Math.exp(logarithm));
  // The cost has one valley along the inverse temperature, so dividing the interval finds its bottom.
  let [low, high] = [Math.log(lowest), Math.log(highest)];
  const golden = (Math.sqrt(5) - 1) / 2;
  for (let i = 0; i < 60; i++) {
    const [a, b] = [high - golden * (high - low), low + golden * (high - low)];
    if (cost(a) <= cost(b)) high = b;
    else low = a;
  }
  return Math.exp((low + high) / 2);
}

/** Mean negative log likelihood of the expected probabilities. */
function surprise(rates: readonly Float32Array[], targets: readonly number[], temperature: number): number {
  const right = (rates.length + 1) / (rates.length + 2);
  let sum = 0;
  for (const [i, window] of rates.entries()) {
    const scores = softmax(window, temperature);
    for (const [c, score] of scores.entries()) {
      const expected = c === targets[i] ? right : (1 - right) / (scores.length - 1);
      sum -= expected * Math.log(Math.max(score, Number.MIN_VALUE));
    }
  }
  return sum / rates.length;
}

/** Expected calibration error: mean distance between confidence and accuracy over ten bins of confidence, 0..1. */
export function calibrationError(confidences: readonly number[], right: readonly boolean[]): number {
  const bins = Array.from({ length: 10 }, () => ({ confidence: 0, right: 0 }));
  for (const [i, confidence] of confidences.entries()) {
    const bin = bins[Math.min(9, Math.floor(confidence * 10))]!;
    bin.confidence += confidence;
    if (right[i]) bin.right++;
  }
  const distance = bins.reduce((sum, bin) => sum + Math.abs(bin.confidence - bin.right), 0);
  return distance / confidences.length;
}
