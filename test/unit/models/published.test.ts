/** The published networks by name: their sizes, and what they were trained with. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { neutouchB, planePositions } from '../../../devices/index.js';
import {
  engineByName,
  initialWeights,
  minimumSpanningTree,
  type NetworkSpec,
  PUBLISHED_NAMES,
  PUBLISHED_NETWORKS,
  type PublishedName,
  type PublishedOptions,
  publishedNetwork,
  publishedSpec,
  windowFromCells,
} from '../../../models/index.js';

const taxelEdges = minimumSpanningTree(planePositions(neutouchB));
const labels = (count: number): string[] => Array.from({ length: count }, (_, c) => `class ${c}`);
const objects: PublishedOptions = {
  name: 'objects',
  labels: labels(36),
  taxels: 39,
  fingers: 2,
  bins: 325,
  binUs: 20_000,
};
const containers = { ...objects, labels: labels(20) };
const slip = { ...objects, labels: labels(2), bins: 150, binUs: 1000 };

/** The spec, with the graph where it has one. */
function spec(name: PublishedName, options: PublishedOptions): NetworkSpec {
  const { neuron, branches } = publishedNetwork(name);
  return publishedSpec(name, {
    ...options,
    ...(neuron === 'lif' && branches !== 'location' ? { taxelEdges } : {}),
  });
}

function parameters(network: NetworkSpec): number {
  return [...initialWeights(network, 1).values()].reduce((sum, { data }) => sum + data.length, 0);
}

describe('published networks have as many parameters as published', () => {
  for (const [name, options, count] of [
    ['hybrid-lif-gnn', objects, 3_068_872],
    ['hybrid-lif-gnn', containers, 3_060_648],
    ['hybrid-lif-slip', slip, 26_372],
    ['hybrid-srm-fc', objects, 17_696],
    ['hybrid-srm-fc', containers, 16_672],
    ['hybrid-srm-fc', slip, 9_920],
  ] as const)
    test(`${name}, ${options.labels.length} classes: ${count}`, () =>
      assert.equal(parameters(spec(name, options)), count));

  test('the parts of a hybrid network add up to it', () => {
    const count = (name: PublishedName): number => parameters(spec(name, objects));
    assert.equal(count('tactilesgnet') + count('location-lif'), count('hybrid-lif-gnn'));
    assert.equal(count('tactile-snn') + count('location-srm'), count('hybrid-srm-fc'));
    assert.equal(count('hybrid-srm-fused'), count('hybrid-srm-fc') + 36 * 36);
  });
});

test('every network answers, with the branches that it says it has', async () => {
  const small = { ...objects, taxels: 3, bins: 12, labels: labels(2) };
  for (const name of PUBLISHED_NAMES) {
    const network = publishedSpec(name, { ...small, hidden: [4] });
    const { branches, neuron, fuse } = publishedNetwork(name);
    assert.equal(network.time !== undefined, branches !== 'location', name);
    assert.equal(network.location !== undefined, branches !== 'time', name);
    assert.equal(network.fused !== undefined, fuse === 'layer', name);
    assert.equal((network.time ?? network.location)!.neuron.kind, neuron, name);
    const executor = await engineByName('reference').compile({
      spec: network,
      weights: initialWeights(network, 1),
    });
    const [outcome] = await executor.run([windowFromCells(network.input, [0, 5, 40])]);
    assert.ok(outcome !== undefined, name);
  }
});

test('what is given takes the place of what was published', () => {
  const lif = publishedSpec('hybrid-lif-slip', {
    ...slip,
    taxelEdges,
    temporalGraph: 'dense',
    convChannels: 6,
    hops: 2,
    hidden: [9],
    locationOrder: neutouchB.orders['whorl']!,
    decision: { temperature: 0.3 },
  });
  const conv = lif.location!.layers[0]!;
  assert.ok(conv.kind === 'tagconv' && conv.graph.kind === 'causal-complete');
  assert.deepEqual([conv.hops, conv.outputs, lif.location!.layers.length], [2, 6, 3]);
  assert.deepEqual(lif.location!.order, neutouchB.orders['whorl']);
  assert.equal(lif.decision.temperature, 0.3);

  const srm = publishedSpec('hybrid-srm-fc', { ...slip, locationOrder: neutouchB.orders['whorl']! });
  assert.deepEqual(srm.decision, { fusion: 'sum', temperature: 0.02, psi: 10 });
  // Whorl begins with taxel 38: both polarities of the first finger, 77 others, then those of the second.
  assert.deepEqual(srm.location!.order!.slice(0, 2), [38 * 4, 38 * 4 + 1]);
  assert.deepEqual(srm.location!.order!.slice(78, 80), [38 * 4 + 2, 38 * 4 + 3]);
  assert.equal(publishedSpec('hybrid-srm-fc', { ...slip, decision: { psi: 2 } }).decision.psi, 2);
});

test('options that a network has no use for are refused, with the reason', () => {
  for (const [name, option, message] of [
    ['hybrid-srm-fc', { convChannels: 4 }, /hybrid-srm-fc has no use for convChannels: its layers are fully/],
    ['tactile-snn', { hops: 1 }, /hops: its layers are fully connected/],
    ['location-srm', { taxelEdges }, /taxelEdges: its layers are fully connected/],
    ['hybrid-srm-fused', { temporalGraph: 'dense' }, /temporalGraph: its layers/],
    ['hybrid-srm-fused', { decision: { psi: 2 } }, /decision\.psi: its last layer decides for both branches/],
    ['tactilesgnet', { temporalGraph: 'dense' }, /temporalGraph: it has no location branch/],
    ['tactilesgnet', { locationOrder: [0] }, /locationOrder: it has no location branch/],
    ['tactile-snn', { locationOrder: [0] }, /locationOrder: it has no location branch/],
    ['location-lif', { taxelEdges }, /taxelEdges: it has no time branch/],
    ['location-lif', { decision: { psi: 2 } }, /decision\.psi: it has one branch/],
  ] as const)
    assert.throws(() => publishedSpec(name, { ...objects, ...option }), { name: 'NetworkError', message });
});

test('they were trained as the papers and their code say', () => {
  const told = (name: PublishedName) => {
    const { loss, optimiser, batchSize, epochs, schedule } = PUBLISHED_NETWORKS[name].training;
    const { kind, learningRate, weightDecay, amsgrad } = optimiser;
    return [loss.name, kind, learningRate, weightDecay, amsgrad ?? false, batchSize, epochs, schedule];
  };
  const srm = ['num-spikes', 'rmsprop', 1e-3, 0.5, false, 8, 500, {}];
  assert.deepEqual(told('hybrid-lif-gnn'), ['mse', 'adam', 1e-4, 0, true, 8, 150, { 40: 0.1 }]);
  assert.deepEqual(told('tactilesgnet'), ['mse', 'adam', 1e-3, 0, true, 1, 100, { 40: 0.1, 80: 0.1 }]);
  assert.deepEqual(told('hybrid-lif-slip').slice(2), [5e-3, 0, true, 8, 150, { 40: 0.1, 80: 0.1, 120: 0.1 }]);
  for (const name of ['hybrid-srm-fc', 'hybrid-srm-fused', 'tactile-snn', 'location-srm'] as const)
    assert.deepEqual(told(name), srm, name);
});
