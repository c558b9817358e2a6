import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Dataset,
  type Energy,
  energyRatio,
  engineByName,
  equalShapeCost,
  evaluate,
  hybridLifSpec,
  hybridSrmSpec,
  type Ledger,
  ledger,
  meanActivity,
  type Network,
  type NetworkSpec,
  type Outcome,
  parameterCount,
  publishedLif,
  tactileSnnSpec,
  type Work,
  windowFromCells,
} from '../../../models/index.js';

const labels = (classes: number): string[] => Array.from({ length: classes }, (_, c) => `class ${c}`);
const hand = { name: 'published', taxels: 39, fingers: 2, binUs: 20_000 };

/** Two taxels that are neighbours, three bins: a convolution of one hop to two channels a taxel, and one output. */
const two: Network = {
  spec: {
    name: 'two taxels',
    input: { taxels: 2, channels: 1, bins: 3, binUs: 1000 },
    labels: ['touched'],
    time: {
      neuron: publishedLif,
      layers: [
        {
          kind: 'tagconv',
          graph: {
            kind: 'edges',
            nodes: 2,
            edges: [
              [0, 1],
              [1, 0],
            ],
          },
          hops: 1,
          inputs: 1,
          outputs: 2,
        },
        { kind: 'dense', inputs: 4, outputs: 1 },
      ],
    },
    decision: { fusion: 'mean', temperature: 0.1 },
  },
  // The first channel of a taxel fires at its own touch, the second never; the output stays below its threshold.
  weights: new Map([
    ['time.conv.weight', { shape: [2, 2], data: Float32Array.of(1, 0, 0, 0) }],
    ['time.conv.bias', { shape: [2], data: new Float32Array(2) }],
    ['time.fc1.weight', { shape: [1, 4], data: Float32Array.of(0.2, 0.2, 0.2, 0.2) }],
    ['time.fc1.bias', { shape: [1], data: new Float32Array(1) }],
  ]),
};

async function outcomeOf({ spec, weights }: Network, cells: number[]): Promise<Outcome> {
  const executor = await engineByName('event').compile({ spec, weights });
  const [outcome] = await executor.run([windowFromCells(spec.input, cells)]);
  await executor.dispose();
  return outcome!;
}

/** Energies rounded to what a float64 sum can promise. */
function rounded<T extends Energy>(entry: T): T {
  const round = (value: number): number => Number(value.toFixed(6));
  return { ...entry, synapticPj: round(entry.synapticPj), totalPj: round(entry.totalPj) };
}

describe('the ledger', () => {
  test('by hand: one touch of two taxels', async () => {
    const { stacks, sums } = ledger(two.spec, await outcomeOf(two, [0]));
    // The touch is carried to the neighbour (1); then one feature that is not zero at each node meets two channels (4).
    const conv = {
      ...{ layer: 'conv', spikes: 1, accumulates: 0, multiplyAccumulates: 5, neuronUpdates: 4 * 3 },
      neuronOps: { accumulates: 0, multiplyAccumulates: 12 },
      ...{ weightBytes: 4 * (5 + 12), stateBytes: 8 * 12 },
      ...{ synapticPj: 23, totalPj: 23 + 12 * 4.6 },
    };
    const fc1 = {
      ...{ layer: 'fc1', spikes: 0, accumulates: 1, multiplyAccumulates: 0, neuronUpdates: 3 },
      neuronOps: { accumulates: 0, multiplyAccumulates: 3 },
      ...{ weightBytes: 4 * (1 + 3), stateBytes: 8 * 3 },
      ...{ synapticPj: 0.9, totalPj: 0.9 + 3 * 4.6 },
    };
    assert.deepEqual(stacks.time!.layers.map(rounded), [conv, fc1].map(rounded));
    const all = {
      ...{ spikes: 1, accumulates: 1, multiplyAccumulates: 5, neuronUpdates: 15 },
      neuronOps: { accumulates: 0, multiplyAccumulates: 15 },
      ...{ weightBytes: 84, stateBytes: 120, synapticPj: 23.9, totalPj: 23.9 + 15 * 4.6 },
    };
    assert.deepEqual(rounded(sums), rounded(all));
    assert.deepEqual(rounded(stacks.time!.sums), rounded(all));
    assert.deepEqual(Object.keys(stacks), ['time']);
  });

  test('spike-response neurons: as many products as the response has currents to reach back to', () => {
    for (const bins of [1, 2, 76, 77, 78, 325]) {
      const spec = tactileSnnSpec({ ...hand, labels: ['a', 'b'], bins, hidden: [] });
      const { sums } = ledger(spec, { time: { layerSpikes: [3], layerOps: [40] } });
      let terms = 0;
      for (let n = 0; n < bins; n++) for (let k = 1; k <= Math.min(n, 76); k++) terms += 2;
      assert.deepEqual(sums.neuronOps, { multiplyAccumulates: terms, accumulates: 3 * 10 });
      assert.deepEqual([sums.accumulates, sums.multiplyAccumulates, sums.neuronUpdates], [40, 0, 2 * bins]);
      assert.deepEqual([sums.weightBytes, sums.stateBytes], [160, 4 * terms + 12 * 2 * bins]);
    }
  });

  test('with other costs: other energies, the same counts', async () => {
    const outcome = await outcomeOf(two, [0]);
    const { costs, sums } = ledger(two.spec, outcome, { macPj: 2, acPj: 10 });
    assert.deepEqual(costs, { macPj: 2, acPj: 10 });
    assert.deepEqual([sums.synapticPj, sums.totalPj], [5 * 2 + 10, 5 * 2 + 10 + 15 * 2]);
    const { synapticPj: _, totalPj: __, ...work } = ledger(two.spec, outcome).sums;
    assert.deepEqual({ ...work, synapticPj: 20, totalPj: 50 }, sums);
  });

  test('refuses what is no cost, and the outcome of another network', async () => {
    const outcome = await outcomeOf(two, [0]);
    for (const acPj of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const told = { name: 'RangeError', message: new RegExp(`^acPj is ${acPj}; .* pJ, at least 0$`) };
      assert.throws(() => ledger(two.spec, outcome, { macPj: 4.6, acPj }), told);
      assert.throws(() => equalShapeCost(two.spec, { macPj: 4.6, acPj }), told);
    }
    const other = { location: outcome.time! };
    assert.throws(
      () => ledger(two.spec, other),
      /counts 0 layers in stack time, network "two taxels" has 2: it is of another network/,
    );
  });
});

describe('the mean ledger', () => {
  /** The mean of one figure of several ledgers. */
  const meanOf = (ledgers: readonly Ledger[], of: (sums: Work & Energy) => number): number =>
    ledgers.reduce((sum, { sums }) => sum + of(sums), 0) / ledgers.length;

  test('of an evaluation is the mean of the ledgers of its windows', async () => {
    const cells = [[0], [0, 1, 2, 3], [], [1, 5]];
    const data: Dataset = {
      ...{ input: two.spec.input, labels: two.spec.labels, targets: cells.map(() => 0) },
      windows: cells.map((window) => windowFromCells(two.spec.input, window)),
      names: cells.map(String),
    };
    const evaluation = await evaluate(await engineByName('reference').compile(two), data);
    const each = await Promise.all(
      cells.map(async (window) => ledger(two.spec, await outcomeOf(two, window))),
    );
    const { sums } = evaluation.ledger;
    assert.equal(
      sums.spikes,
      meanOf(each, ({ spikes }) => spikes),
    );
    assert.equal(
      sums.weightBytes,
      meanOf(each, ({ weightBytes }) => weightBytes),
    );
    const total = meanOf(each, ({ totalPj }) => totalPj);
    assert.ok(Math.abs(sums.totalPj - total) < 1e-9 * total);
    assert.equal(evaluation.synapticOps, sums.accumulates + sums.multiplyAccumulates);
    assert.ok(sums.spikes > 0);
  });

  test('of nothing is refused', () => {
    assert.throws(() => meanActivity([]), { name: 'RangeError', message: /no outcomes/ });
  });
});

describe('the network of equal shape', () => {
  /** Multiply-accumulates of each stack. */
  const stackSums = (spec: NetworkSpec): number[] =>
    Object.values(equalShapeCost(spec).stacks).map((layers) =>
      layers.reduce((sum, layer) => sum + layer.multiplyAccumulates, 0),
    );

  test('Hybrid_SRM_FC: Objects, Containers and slip', () => {
    for (const [classes, bins, time, location, parameters] of [
      [36, 325, 1_996_800, 1_802_112, 17_696],
      [20, 325, 1_830_400, 1_722_240, 16_672],
      [2, 150, 758_400, 758_784, 9920],
    ] as const) {
      const spec = hybridSrmSpec({ ...hand, labels: labels(classes), bins });
      assert.deepEqual(stackSums(spec), [time, location]);
      const { multiplyAccumulates, energyPj } = equalShapeCost(spec);
      assert.equal(multiplyAccumulates, time + location);
      assert.equal(energyPj, 4.6 * (time + location));
      assert.equal(parameterCount(spec), parameters);
    }
  });

  test('Hybrid_LIF_GNN: Objects, Containers and slip, in millions', () => {
    for (const [classes, bins, hidden, millions, parameters] of [
      [36, 325, [128, 256], '248.9', 3_068_872],
      [20, 325, [128, 256], '247.4', 3_060_648],
      [2, 150, [], '13.5', 26_372],
    ] as const) {
      const spec = hybridLifSpec({ ...hand, labels: labels(classes), bins, hidden, taxelEdges: [] });
      assert.equal((equalShapeCost(spec).multiplyAccumulates / 1e6).toFixed(1), millions);
      assert.equal(parameterCount(spec), parameters);
    }
  });

  test('names its layers, and a fused layer is one of them', () => {
    const spec = hybridSrmSpec({ ...hand, labels: labels(3), bins: 10, fuse: 'layer' });
    const { stacks } = equalShapeCost(spec);
    assert.deepEqual(stacks.fused, [{ layer: 'fc1', multiplyAccumulates: 3 * 3 * (10 + 156) }]);
    assert.deepEqual(
      stacks.time!.map(({ layer }) => layer),
      ['fc1', 'fc2'],
    );
    assert.deepEqual(equalShapeCost(two.spec).stacks.time, [
      { layer: 'conv', multiplyAccumulates: 2 * 2 * 2 * 3 },
      { layer: 'fc1', multiplyAccumulates: 4 * 3 },
    ]);
  });

  test('against a ledger: how many times its energy, with and without the neurons', async () => {
    const { synaptic, total } = energyRatio(
      ledger(two.spec, await outcomeOf(two, [0])),
      equalShapeCost(two.spec),
    );
    assert.ok(Math.abs(synaptic - (36 * 4.6) / 23.9) < 1e-9);
    assert.ok(Math.abs(total - (36 * 4.6) / 92.9) < 1e-9);
    const silent = ledger(two.spec, await outcomeOf(two, []));
    assert.equal(energyRatio(silent, equalShapeCost(two.spec)).synaptic, Number.POSITIVE_INFINITY);
  });
});
