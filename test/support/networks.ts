import {
  cellCount,
  hybridLifSpec,
  hybridSrmSpec,
  initialWeights,
  type Network,
  type NetworkSpec,
  nearestNeighbours,
  PUBLISHED_NAMES,
  publishedLif,
  publishedNetwork,
  publishedSpec,
  publishedSrm,
  STACKS,
  seededRandom,
  type TaxelWindow,
  type Weights,
  whyUseless,
  windowFromCells,
} from '../../models/index.js';
import * as fc from './fast-check.js';

/** Random small LIF networks of every kind of the spec, with weights that make about a third of the neurons fire. */
const anyLifNetwork: fc.Arbitrary<Network> = fc
  .record({
    taxels: fc.integer({ min: 1, max: 7 }),
    fingers: fc.integer({ min: 1, max: 2 }),
    bins: fc.integer({ min: 1, max: 12 }),
    classes: fc.integer({ min: 1, max: 4 }),
    // Beyond 256 inputs (see network/summation.ts) currents are summed in blocks.
    convChannels: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 60, max: 130 })),
    hops: fc.integer({ min: 0, max: 4 }),
    hidden: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 }),
    branches: fc.constantFrom('both', 'time', 'location'),
    temporalGraph: fc.constantFrom('sparse', 'dense'),
    shuffled: fc.boolean(),
    seed: fc.nat(),
  })
  .map(({ taxels, classes, shuffled, seed, ...rest }) => {
    const positions = Array.from({ length: taxels }, (_, i) => [i % 3, Math.floor(i / 3)] as const);
    const order = Array.from({ length: taxels }, (_, i) => taxels - 1 - i);
    const spec = hybridLifSpec({
      name: 'random',
      labels: Array.from({ length: classes }, (_, c) => `class ${c}`),
      taxels,
      taxelEdges: nearestNeighbours(positions, 2),
      binUs: 1000,
      ...(shuffled ? { locationOrder: order } : {}),
      ...rest,
    });
    return { spec, weights: scaled(initialWeights(spec, seed), 2) };
  });

/** Random small spike-response networks, with one kind of neuron for all stacks. */
const anySrmNetwork: fc.Arbitrary<Network> = fc
  .record({
    taxels: fc.integer({ min: 1, max: 7 }),
    fingers: fc.integer({ min: 1, max: 2 }),
    bins: fc.integer({ min: 1, max: 40 }),
    classes: fc.integer({ min: 1, max: 4 }),
    hidden: fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 250, max: 520 })), {
      maxLength: 2,
    }),
    branches: fc.constantFrom('both' as const, 'time' as const, 'location' as const),
    fuse: fc.constantFrom('sum' as const, 'layer' as const),
    responseTau: fc.constantFrom(10, 2, 0.7),
    refractoryTau: fc.constantFrom(1, 2.5),
    locationWeight: fc.constantFrom(1, 0.5),
    psi: fc.constantFrom(undefined, 10),
    seed: fc.nat(),
  })
  .map(({ classes, responseTau, refractoryTau, seed, locationWeight, psi, ...rest }) => {
    const spec = hybridSrmSpec({
      name: 'random',
      labels: Array.from({ length: classes }, (_, c) => `class ${c}`),
      binUs: 1000,
      locationOrder: Array.from({ length: rest.taxels }, (_, i) => rest.taxels - 1 - i),
      decision: { locationWeight, ...(psi === undefined ? {} : { psi }) },
      ...rest,
    });
    const neuron = { ...publishedSrm, responseTau, refractoryTau };
    const own = { ...spec } as { -readonly [K in keyof NetworkSpec]: NetworkSpec[K] };
    for (const stack of STACKS) if (own[stack] !== undefined) own[stack] = { ...own[stack], neuron };
    return { spec: own, weights: initialWeights(own, seed) };
  });

/** A LIF network whose branches end in one more layer, and one whose location branch takes the channels one by one. */
const anyUnusualNetwork: fc.Arbitrary<Network> = fc
  .record({ bins: fc.integer({ min: 1, max: 12 }), fused: fc.boolean(), seed: fc.nat() })
  .map(({ bins, fused, seed }) => {
    const chain = { kind: 'chain', nodes: bins } as const;
    const taxels = { kind: 'chain', nodes: 4 } as const;
    const spec: NetworkSpec = {
      name: 'unusual',
      input: { taxels: 4, channels: 2, bins, binUs: 1000 },
      labels: ['a', 'b'],
      time: {
        neuron: publishedLif,
        layers: [
          { kind: 'tagconv', graph: taxels, hops: 1, inputs: 2, outputs: 3 },
          { kind: 'dense', inputs: 12, outputs: 2 },
        ],
      },
      location: {
        neuron: publishedLif,
        step: 'channel',
        order: [7, 1, 2, 3, 4, 5, 6, 0],
        layers: [
          { kind: 'tagconv', graph: chain, hops: 2, inputs: 1, outputs: 3 },
          { kind: 'dense', inputs: 3 * bins, outputs: 2 },
        ],
      },
      ...(fused
        ? { fused: { neuron: publishedLif, layers: [{ kind: 'dense', inputs: 2, outputs: 2 }] } }
        : {}),
      decision: { fusion: 'mean', temperature: 0.1 },
    };
    return { spec, weights: scaled(initialWeights(spec, seed), 2) };
  });

/** Random small networks of every kind. */
export const anyNetwork: fc.Arbitrary<Network> = fc.oneof(
  { arbitrary: anyLifNetwork, weight: 3 },
  { arbitrary: anySrmNetwork, weight: 3 },
  { arbitrary: anyUnusualNetwork, weight: 1 },
);

/** Every published network, for two fingers of six taxels and 30 bins, and the dense graph over the bins. */
export function publishedNetworks(): Network[] {
  const shape = {
    ...{ labels: ['a', 'b', 'c'], taxels: 6, fingers: 2, bins: 30, binUs: 1000 },
    locationOrder: [3, 0, 5, 1, 4, 2],
  };
  const edges = nearestNeighbours(
    Array.from({ length: 6 }, (_, i) => [i % 3, Math.floor(i / 3)] as const),
    2,
  );
  const specs = PUBLISHED_NAMES.map((name) => {
    const { neuron } = publishedNetwork(name);
    const { locationOrder: _, ...withoutOrder } = shape;
    return publishedSpec(name, {
      ...(whyUseless(name, 'location order') === undefined ? shape : withoutOrder),
      name,
      ...(neuron === 'lif' ? { convChannels: 4, hidden: publishedNetwork(name).hidden.map(() => 8) } : {}),
      ...(whyUseless(name, 'taxel graph') === undefined ? { taxelEdges: edges } : {}),
    });
  });
  const dense = publishedSpec('hybrid-lif-gnn', {
    ...shape,
    ...{ name: 'dense', convChannels: 4, hidden: [8], taxelEdges: edges, temporalGraph: 'dense' as const },
  });
  return [...specs, dense].map((spec) => ({ spec, weights: scaled(initialWeights(spec, 8), 2) }));
}

function scaled(weights: Weights, factor: number): Weights {
  return new Map(
    [...weights].map(([name, { shape, data }]) => [name, { shape, data: data.map((w) => factor * w) }]),
  );
}

/** A window in which each cell is on with probability `density`. */
export function randomWindow(network: Network, density: number, seed: number): TaxelWindow {
  const random = seededRandom(seed);
  const all = Array.from({ length: cellCount(network.spec.input) }, (_, cell) => cell);
  return windowFromCells(
    network.spec.input,
    all.filter(() => random() < density),
  );
}
