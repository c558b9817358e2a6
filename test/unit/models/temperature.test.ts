import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calibrationError, fitTemperature, seededRandom, softmax } from '../../../models/index.js';

/** Rates whose classes are drawn from softmax(rates / temperature): what a perfect fit must find again. */
function drawn(temperature: number, count: number): { rates: Float32Array[]; targets: number[] } {
  const random = seededRandom(5);
  const rates = Array.from({ length: count }, () => Float32Array.from({ length: 4 }, () => 0.4 * random()));
  const targets = rates.map((window) => {
    let left = random();
    const scores = softmax(window, temperature);
    const target = scores.findIndex((score) => {
      left -= score;
      return left < 0;
    });
    return target < 0 ? 3 : target;
  });
  return { rates, targets };
}

test('finds the temperature that classes were drawn with', () => {
  for (const temperature of [0.05, 0.2]) {
    const { rates, targets } = drawn(temperature, 4000);
    assert.ok(Math.abs(fitTemperature(rates, targets) / temperature - 1) < 0.1);
  }
});

test('makes confidence as large as accuracy', () => {
  const { rates, targets } = drawn(0.1, 4000);
  const errorAt = (temperature: number): number => {
    const scores = rates.map((window) => softmax(window, temperature));
    const labels = scores.map((s) => s.indexOf(Math.max(...s)));
    return calibrationError(
      scores.map((s) => Math.max(...s)),
      labels.map((label, i) => label === targets[i]),
    );
  };
  assert.ok(errorAt(fitTemperature(rates, targets)) < 0.03);
  assert.ok(errorAt(0.02) > 0.2 && errorAt(1) > 0.2);
});

test('a network that is right on a few windows is not made infinitely sure', () => {
  const rates = Array.from({ length: 8 }, () => Float32Array.of(0.9, 0.1));
  const temperature = fitTemperature(
    rates,
    rates.map(() => 0),
  );
  const confidence = softmax(rates[0]!, temperature)[0]!;
  assert.ok(Math.abs(confidence - 9 / 10) < 0.01, `${confidence}`);
  assert.throws(() => fitTemperature([], []), RangeError);
});

test('calibration error of hand-made confidences', () => {
  assert.equal(calibrationError([1, 1, 1, 1], [true, true, true, true]), 0);
  assert.ok(Math.abs(calibrationError([0.75, 0.75, 0.75, 0.75], [true, true, true, false])) < 1e-12);
  assert.ok(Math.abs(calibrationError([0.9, 0.9], [false, false]) - 0.9) < 1e-12);
});
