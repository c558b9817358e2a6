/** Checkpoints of the published networks give the answers of the published code. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { locationOrder, neutouchPublished, planePositions } from '../../../devices/index.js';
import { writeSafetensors } from '../../../models/format/safetensors.js';
import {
  type CheckpointLayout,
  type CheckpointOptions,
  engineByName,
  hybridLifSpec,
  hybridSrmSpec,
  type ImportedCheckpoint,
  importCheckpoint,
  minimumSpanningTree,
  type Outcome,
  publishedTaxelTree,
  STACKS,
  tactileSgnetSpec,
} from '../../../models/index.js';
import {
  asGeometric2,
  hybridLifState,
  hybridSrmState,
  type StateDict,
  tactileSgnetState,
} from '../../support/published-checkpoints.js';
import {
  randomTact,
  range,
  spatialCounts,
  srmCounts,
  type Tact,
  temporalCounts,
  windowOfTact,
} from '../../support/published-forward.js';

const bins = 24;
const fc = ['fc1', 'fc2', 'fc3'];
const tfc = ['tfc1', 'tfc2', 'tfc3'];
const chain = range(bins - 1).map((t) => [t, t + 1] as const);

function imported(
  layout: CheckpointLayout,
  state: StateDict,
  options: Partial<CheckpointOptions> = {},
): ImportedCheckpoint {
  return importCheckpoint(writeSafetensors({ tensors: state, metadata: {} }), layout, {
    name: 'imported',
    ...options,
  });
}

/** Checks that the reference engine gives the counts of the oracle for touch of several densities, and not just zeros. */
async function assertCounts(
  { network }: ImportedCheckpoint,
  oracle: (tact: Tact) => { [S in keyof Outcome]: number[] },
): Promise<void> {
  const { input } = network.spec;
  const executor = await engineByName('reference').compile(network);
  const tacts = [0.03, 0.1, 0.3].map((density, i) =>
    randomTact(input.channels / 2, input.bins, density, 10 + i),
  );
  const outcomes = await executor.run(tacts.map((tact) => windowOfTact(input, tact)));
  const counts = outcomes.map((outcome) =>
    Object.fromEntries(
      STACKS.filter((s) => outcome[s] !== undefined).map((s) => [s, [...outcome[s]!.counts]]),
    ),
  );
  const expected = tacts.map(oracle);
  assert.deepEqual(counts, expected);
  for (const stack of STACKS.filter((s) => expected[0]![s] !== undefined))
    assert.ok(
      new Set(counts.map((of) => String(of[stack]))).size > 1,
      `${stack} answers depend on the touch`,
    );
}

describe('Hybrid_LIF_GNN', () => {
  const state = hybridLifState(bins);
  const answers = (tact: Tact) => ({
    time: spatialCounts(state, fc, tact, publishedTaxelTree),
    location: temporalCounts(state, tfc, tact, chain),
  });

  test('answers as the published code, written by either PyTorch Geometric', async () => {
    const first = imported('hybrid-lif-gnn', state);
    const second = imported('hybrid-lif-gnn', asGeometric2(state));
    assert.deepEqual(second, first);
    assert.deepEqual(first.unused, []);
    await assertCounts(first, answers);
  });

  test('is the network that whorl would build', () => {
    const options = { labels: ['a', 'b', 'c'], binUs: 5000 };
    assert.deepEqual(
      imported('hybrid-lif-gnn', state, options).network.spec,
      hybridLifSpec({
        name: 'imported',
        ...options,
        taxels: 39,
        fingers: 2,
        bins,
        taxelEdges: publishedTaxelTree,
        convChannels: 6,
        hops: 3,
        hidden: [9, 11],
      }),
    );
  });

  test('with another graph, the dense graph over the bins and another order', async () => {
    const taxelEdges = range(39).map((i) => [i, (7 * i + 1) % 39] as const);
    const dense = range(bins).flatMap((j) => range(j).map((i) => [i, j] as const));
    const locationOrder = range(39).reverse();
    await assertCounts(
      imported('hybrid-lif-gnn', state, { taxelEdges, temporalGraph: 'dense', locationOrder }),
      (tact) => ({
        time: spatialCounts(state, fc, tact, taxelEdges),
        location: temporalCounts(state, tfc, tact, dense, locationOrder),
      }),
    );
  });

  test('one branch alone', async () => {
    await assertCounts(imported('hybrid-lif-gnn', state, { branches: 'location' }), (tact) => ({
      location: answers(tact).location,
    }));
    await assertCounts(imported('hybrid-lif-gnn', state, { branches: 'time' }), (tact) => ({
      time: answers(tact).time,
    }));
  });

  test('the slip variant has one dense layer a branch; the layers that it keeps unused are left out', async () => {
    const slip = hybridLifState(bins, { classes: 2, first: 2 });
    const result = imported('hybrid-lif-gnn', slip);
    assert.deepEqual(
      result.unused,
      ['fc2', 'fc3', 'tfc2', 'tfc3'].flatMap((layer) => [`${layer}.weight`, `${layer}.bias`]),
    );
    await assertCounts(result, (tact) => ({
      time: spatialCounts(slip, ['fc1'], tact, publishedTaxelTree),
      location: temporalCounts(slip, ['tfc1'], tact, chain),
    }));
  });

  test('150 bins are those of the slip recordings, 1 ms; others have 20 ms', () => {
    assert.equal(imported('hybrid-lif-gnn', state).network.spec.input.binUs, 20_000);
    assert.equal(imported('hybrid-lif-gnn', hybridLifState(150)).network.spec.input.binUs, 1000);
  });
});

describe('TactileSGNet', () => {
  for (const fingers of [1, 2])
    test(`answers as the published code, fingers: ${fingers}`, async () => {
      const state = tactileSgnetState({ fingers });
      const result = imported('tactilesgnet', state, { bins });
      assert.deepEqual(
        result.network.spec,
        tactileSgnetSpec({
          ...{ name: 'imported', labels: ['0', '1', '2'], taxels: 39, fingers, bins, binUs: 20_000 },
          ...{ taxelEdges: publishedTaxelTree, convChannels: 6, hops: 3, hidden: [9, 11] },
        }),
      );
      await assertCounts(result, (tact) => ({ time: spatialCounts(state, fc, tact, publishedTaxelTree) }));
    });
});

describe('Hybrid_SRM_FC', () => {
  for (const [fingers, fuse] of [
    [2, false],
    [2, true],
    [1, false],
  ] as const)
    test(`answers as the published code, fingers: ${fingers}${fuse ? ', with a layer behind both' : ''}`, async () => {
      const state = hybridSrmState(bins, { fingers, fuse });
      const result = imported('hybrid-srm-fc', state);
      assert.deepEqual(
        result.network.spec,
        hybridSrmSpec({
          ...{ name: 'imported', labels: ['0', '1', '2'], taxels: 39, fingers, bins, binUs: 20_000 },
          ...{ hidden: [8], fuse: fuse ? 'layer' : 'sum' },
        }),
      );
      await assertCounts(result, (tact) => srmCounts(state, tact));
    });

  test('in the published whorl order', async () => {
    const state = hybridSrmState(bins);
    const order = locationOrder(neutouchPublished, 'whorl');
    assert.deepEqual(order.slice(0, 4), [20, 14, 15, 22]); // published numbers 21, 15, 16, 23
    const channels = [0, 78].flatMap((finger) =>
      order.flatMap((row) => [finger + 2 * row, finger + 2 * row + 1]),
    );
    await assertCounts(imported('hybrid-srm-fc', state, { locationOrder: order }), (tact) =>
      srmCounts(state, tact, channels),
    );
  });

  test('one branch alone; Tactile-SNN has the time branch only, and no tensor that tells the bins', async () => {
    const state = hybridSrmState(bins);
    await assertCounts(imported('hybrid-srm-fc', state, { branches: 'location' }), (tact) => ({
      location: srmCounts(state, tact).location,
    }));
    const tactileSnn = new Map([...state].filter(([name]) => !name.startsWith('location')));
    await assertCounts(imported('hybrid-srm-fc', tactileSnn, { branches: 'time', bins }), (tact) => ({
      time: srmCounts(state, tact).time,
    }));
  });
});

test('the published tree is a shortest tree over the published coordinates', () => {
  const positions = planePositions(neutouchPublished);
  const length = (edges: readonly (readonly [number, number])[]): number =>
    edges.reduce((sum, [a, b]) => {
      const [p, q] = [positions[a]!, positions[b]!];
      return sum + Math.hypot(p[0] - q[0], p[1] - q[1]);
    }, 0);
  assert.equal(publishedTaxelTree.length, 76);
  const reached = new Set([20]);
  for (const node of reached) for (const [a, b] of publishedTaxelTree) if (a === node) reached.add(b);
  assert.equal(reached.size, 39);
  assert.ok(Math.abs(length(publishedTaxelTree) - length(minimumSpanningTree(positions))) < 1e-9);
});
