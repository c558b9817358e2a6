import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createGpuEngine,
  engineByName,
  hybridSrmSpec,
  initialWeights,
  type Network,
  type NetworkSpec,
  type NeuronSpec,
  publishedLif,
  publishedSrm,
  STACKS,
} from '../../../../models/index.js';
import { refractoryKernel, responseKernel } from '../../../../models/neurons/srm.js';
import { randomWindow } from '../../../support/networks.js';

/** A fused network of one SRM layer a stack, but with other neurons; weights make them fire. */
function fusedNetwork(neurons: { readonly time: NeuronSpec; readonly fused: NeuronSpec }): Network {
  const base = hybridSrmSpec({
    name: 'fused',
    labels: ['a', 'b', 'c'],
    taxels: 3,
    bins: 45,
    binUs: 1000,
    hidden: [6],
    fuse: 'layer',
  });
  const spec: NetworkSpec = {
    ...base,
    time: { ...base.time!, neuron: neurons.time },
    fused: { ...base.fused!, neuron: neurons.fused },
  };
  const weights = [...initialWeights(spec, 5)].map(
    ([name, { shape, data }]) => [name, { shape, data: data.map((w) => 1.5 * Math.abs(w)) }] as const,
  );
  return { spec, weights: new Map(weights) };
}

for (const form of ['by-layer', 'whole'] as const) {
  test(`${form}: neurons of both kinds in one network, any number of windows, whatever the batch and the chunk`, async () => {
    for (const [time, fused] of [
      [publishedLif, publishedSrm],
      [publishedSrm, publishedLif],
    ] as const) {
      const network = fusedNetwork({ time, fused });
      const windows = [0, 0.3, 1, 0.1, 0.6].map((density, seed) => randomWindow(network, density, seed));
      const reference = await engineByName('reference').compile(network);
      const expected = await reference.run(windows);
      for (const stack of STACKS)
        assert.ok(
          expected.some((outcome) => outcome[stack]!.layerSpikes.at(-1)! > 0),
          `${stack} is silent`,
        );
      const executor = await createGpuEngine({ form, batch: 2, chunk: 7 }).compile(network, 'cpu');
      assert.deepEqual(await executor.run(windows), expected);
      assert.deepEqual(await executor.trace(windows[1]!), await reference.trace(windows[1]!));
      await executor.dispose();
    }
  });

  test(`${form}: responses of 32 taps and of one`, async () => {
    for (const [tau, refractoryTaps] of [
      [2.9, 32],
      [0.05, 1],
    ] as const) {
      const neuron = { ...publishedSrm, refractoryTau: tau };
      assert.equal(refractoryKernel(neuron).length, refractoryTaps);
      for (const responseTau of [10, 0.05]) {
        assert.equal(responseKernel({ responseTau }).length, responseTau === 10 ? 77 : 1);
        const network = fusedNetwork({ time: neuron, fused: { ...neuron, responseTau } });
        const window = randomWindow(network, 0.4, 2);
        const expected = await (await engineByName('reference').compile(network)).run([window]);
        const executor = await createGpuEngine({ form }).compile(network, 'webasm');
        assert.ok(expected[0]!.time!.layerSpikes.every((spikes) => spikes > 0));
        assert.deepEqual(await executor.run([window]), expected);
        await executor.dispose();
      }
    }
  });
}

test('a network whose fused layer gpu.js could not index is refused', async () => {
  const base = hybridSrmSpec({
    name: 'huge',
    labels: ['a'],
    taxels: 1,
    bins: 60_000,
    binUs: 1000,
    hidden: [],
    fuse: 'layer',
  });
  const spec: NetworkSpec = {
    ...base,
    fused: {
      neuron: publishedSrm,
      layers: [
        { kind: 'dense', inputs: 1, outputs: 300 },
        { kind: 'dense', inputs: 300, outputs: 1 },
      ],
    },
  };
  await assert.rejects(
    engineByName('gpu').compile({ spec, weights: initialWeights(spec, 1) }, 'cpu'),
    /"huge" is too large for gpu\.js/,
  );
});
