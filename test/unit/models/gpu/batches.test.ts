import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createGpuEngine,
  engineByName,
  hybridLifSpec,
  initialWeights,
  type Network,
  type NetworkSpec,
  type TaxelWindow,
} from '../../../../models/index.js';
import { tinyGolden } from '../../../support/golden.js';
import { randomWindow } from '../../../support/networks.js';

const { network } = tinyGolden();
const forms = ['by-layer', 'whole'] as const;

async function reference(of: Network, windows: readonly TaxelWindow[]) {
  return (await engineByName('reference').compile(of)).run(windows);
}

function windowsOf(of: Network, count: number): TaxelWindow[] {
  return Array.from({ length: count }, (_, i) => randomWindow(of, (i % 5) / 5, i));
}

for (const form of forms) {
  test(`${form}: any number of windows, whatever the batch`, async () => {
    const executor = await createGpuEngine({ form, batch: 4 }).compile(network, 'webasm');
    for (const count of [0, 1, 2, 4, 5, 9]) {
      const windows = windowsOf(network, count);
      assert.deepEqual(await executor.run(windows), await reference(network, windows));
    }
    await executor.dispose();
  });

  test(`${form}: runs that are started together do not meet`, async () => {
    const executor = await createGpuEngine({ form }).compile(network, 'webasm');
    const windows = windowsOf(network, 6);
    const together = await Promise.all(windows.map((window) => executor.run([window])));
    assert.deepEqual(together.flat(), await reference(network, windows));
    await executor.dispose();
  });

  test(`${form}: from an empty to a full window and back`, async () => {
    const executor = await createGpuEngine({ form }).compile(network, 'webasm');
    const windows = [0, 1, 0].map((density) => randomWindow(network, density, 1));
    for (const window of windows)
      assert.deepEqual(await executor.run([window]), await reference(network, [window]));
    await executor.dispose();
  });

  test(`${form}: a chain of dense layers needs no graph`, async () => {
    const dense = denseNetwork();
    const executor = await createGpuEngine({ form }).compile(dense, 'webasm');
    const windows = windowsOf(dense, 3);
    assert.deepEqual(await executor.run(windows), await reference(dense, windows));
    assert.deepEqual(
      await executor.trace(windows[2]!),
      await (await engineByName('reference').compile(dense)).trace(windows[2]!),
    );
    await executor.dispose();
  });

  test(`${form}: a disposed executor refuses to run, and can be disposed of again`, async () => {
    const executor = await createGpuEngine({ form }).compile(network, 'webasm');
    const underWay = executor.run(windowsOf(network, 2));
    await executor.dispose();
    assert.equal((await underWay).length, 2);
    await assert.rejects(executor.run(windowsOf(network, 1)), /was disposed of/);
    await executor.dispose();
  });
}

test('whole: the length of a chunk changes no answer', async () => {
  const windows = windowsOf(network, 3);
  for (const chunk of [1, 2, 4, 8, 9, 100]) {
    const executor = await createGpuEngine({ form: 'whole', chunk }).compile(network, 'webasm');
    assert.deepEqual(await executor.run(windows), await reference(network, windows), `chunk ${chunk}`);
    await executor.dispose();
  }
});

test('a network whose lists gpu.js could not index is refused', async () => {
  const spec = hybridLifSpec({
    name: 'huge',
    labels: ['a'],
    taxels: 2,
    taxelEdges: [],
    bins: 90_000,
    binUs: 1000,
    convChannels: 100,
    hidden: [],
    branches: 'time',
  });
  await assert.rejects(
    engineByName('gpu').compile({ spec, weights: initialWeights(spec, 1) }, 'cpu'),
    /"huge" is too large for gpu\.js/,
  );
});

test('sizes that make no sense are refused at once', () => {
  for (const options of [{ batch: 0 }, { batch: 1.5 }, { chunk: -1 }, { chunk: Number.NaN }])
    assert.throws(() => createGpuEngine(options), /must be a whole number from 1/);
});

/** 300 inputs a step, more than one block of sums, straight into dense layers. */
function denseNetwork(): Network {
  const taxels = 150;
  const { neuron } = network.spec.time!;
  const spec: NetworkSpec = {
    name: 'dense',
    input: { taxels, channels: 2, bins: 7, binUs: 1000 },
    labels: ['a', 'b'],
    time: {
      neuron,
      layers: [
        { kind: 'dense', inputs: 2 * taxels, outputs: 20 },
        { kind: 'dense', inputs: 20, outputs: 2 },
      ],
    },
    decision: network.spec.decision,
  };
  const weights = [...initialWeights(spec, 3)].map(
    ([name, { shape, data }]) => [name, { shape, data: data.map((w) => 3 * w) }] as const,
  );
  return { spec, weights: new Map(weights) };
}
