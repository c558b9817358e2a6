import * as fc from 'fast-check';
import {
  cellCount,
  hybridLifSpec,
  initialWeights,
  type Network,
  nearestNeighbours,
  seededRandom,
  type TaxelWindow,
  windowFromCells,
} from '../../models/index.js';

/** Random small hybrid networks of every kind of the spec, with weights that make about a third of the neurons fire. */
export const anyNetwork: fc.Arbitrary<Network> = fc
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
    const weights = new Map(
      [...initialWeights(spec, seed)].map(([name, { shape, data }]) => [
        name,
        { shape, data: data.map((w) => 2 * w) },
      ]),
    );
    return { spec, weights };
  });

/** A window in which each cell is on with probability `density`. */
export function randomWindow(network: Network, density: number, seed: number): TaxelWindow {
  const random = seededRandom(seed);
  const all = Array.from({ length: cellCount(network.spec.input) }, (_, cell) => cell);
  return windowFromCells(
    network.spec.input,
    all.filter(() => random() < density),
  );
}
