import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Learner } from '../../models/index.js';
import { goldenWindow, ourName, tinyGolden } from '../support/golden.js';

test('loss and gradients of the tiny golden set, each to 1e-5 relative', () => {
  const { network, cases } = tinyGolden();
  for (const { events, mse } of cases) {
    const learner = new Learner(network.spec, network.weights);
    const seen = learner.learn(
      goldenWindow(network.spec.input, events),
      mse.target.indexOf(1),
      { name: 'mse' },
      1,
    );
    assert.ok(Math.abs(seen.loss - mse.loss) <= 1e-6);
    const ours = learner.weights('gradients');
    assert.equal(Object.keys(mse.grad).length, ours.size);
    for (const [name, expected] of Object.entries(mse.grad)) {
      const { data } = ours.get(ourName(name))!;
      // Sums of terms that cancel are as exact as their terms: the floor is 1e-7 of the tensor's largest gradient.
      const floor = 1e-7 * Math.max(...expected.map(Math.abs));
      for (const [i, value] of expected.entries()) {
        const error = Math.abs(data[i]! - value);
        assert.ok(error <= 1e-5 * Math.abs(value) + floor, `${name}[${i}] is ${data[i]}, expected ${value}`);
      }
    }
  }
});

test('the golden gradients are not all zero', () => {
  const tensors = tinyGolden().cases.flatMap(({ mse }) => Object.values(mse.grad));
  assert.ok(tensors.filter((gradient) => gradient.some((g) => g !== 0)).length > 20);
});
