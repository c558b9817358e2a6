/** Backpropagation against finite differences of the surrogate network, weight by weight. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  engineByName,
  hybridSrmSpec,
  initialWeights,
  Learner,
  type NetworkSpec,
  publishedLif,
  type Weights,
} from '../../../models/index.js';
import { randomWindow } from '../../support/networks.js';
import { SurrogateNetwork } from '../../support/surrogate-network.js';

const srm = (fuse: 'sum' | 'layer'): NetworkSpec =>
  hybridSrmSpec({
    name: 'srm',
    labels: ['a', 'b'],
    taxels: 3,
    bins: 30,
    binUs: 1000,
    hidden: [5],
    fuse,
    decision: { locationWeight: 0.5 },
  });

const lifStack = (...widths: number[]) => ({
  neuron: publishedLif,
  layers: widths.slice(1).map((outputs, i) => ({ kind: 'dense' as const, inputs: widths[i]!, outputs })),
});

const lif: NetworkSpec = {
  name: 'lif',
  input: { taxels: 3, channels: 2, bins: 20, binUs: 1000 },
  labels: ['a', 'b'],
  time: lifStack(6, 5, 2),
  location: lifStack(40, 5, 2),
  fused: lifStack(2, 2),
  decision: { fusion: 'mean', temperature: 0.1 },
};

for (const [name, spec, scale] of [
  ['spike-response, both branches', srm('sum'), 2],
  ['spike-response, fused by a layer', srm('layer'), 2],
  ['leaky integrate-and-fire, fused by a layer', lif, 1.5],
] as const) {
  test(`gradients of ${name} equal finite differences of the surrogate network`, async () => {
    for (const seed of [6, 7]) {
      const weights = new Map(
        [...initialWeights(spec, seed)].map(([tensor, { shape, data }]) => [
          tensor,
          { shape, data: data.map((w) => scale * w) },
        ]),
      );
      const window = randomWindow({ spec, weights }, 0.3, seed);
      const learner = new Learner(spec, weights);
      const { loss } = learner.learn(window, 1, { name: 'mse' }, 1);
      const executor = await engineByName('reference').compile({ spec, weights });
      const surrogate = new SurrogateNetwork(spec, weights, window, await executor.trace(window));
      assert.ok(Math.abs(surrogate.loss(weights, 1) - loss) < 1e-6);
      let live = 0;
      for (const [tensor, { data }] of learner.weights('gradients')) {
        for (const [i, gradient] of data.entries()) {
          const slope = difference(surrogate, weights, tensor, i);
          if (slope !== 0) live++;
          assert.ok(
            Math.abs(gradient - slope) <= 1e-4 * Math.abs(slope) + 1e-7,
            `${tensor}[${i}] is ${gradient}, expected ${slope}`,
          );
        }
      }
      assert.ok(live > 20, `only ${live} weights matter: the check says little`);
    }
  });
}

/** Central difference of the loss along one weight; in float64, so that a small step is exact enough. */
function difference(network: SurrogateNetwork, weights: Weights, tensor: string, index: number): number {
  const step = 1e-4;
  const moved = (by: number): number => {
    const { shape, data } = weights.get(tensor)!;
    const other = Float64Array.from(data);
    other[index]! += by;
    return network.loss(
      new Map([...weights, [tensor, { shape, data: other as unknown as Float32Array }]]),
      1,
    );
  };
  return (moved(step) - moved(-step)) / (2 * step);
}
