import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engineByName, type Ledger, ledger, type Work } from '../../models/index.js';
import * as fc from '../support/fast-check.js';
import { anyNetwork, randomWindow } from '../support/networks.js';

/** The counts of some work, in one list. */
function figures(work: Work): number[] {
  const { spikes, accumulates, multiplyAccumulates, neuronUpdates, neuronOps, weightBytes, stateBytes } =
    work;
  const neurons = [neuronUpdates, neuronOps.accumulates, neuronOps.multiplyAccumulates];
  return [spikes, accumulates, multiplyAccumulates, ...neurons, weightBytes, stateBytes];
}

function added(parts: readonly Work[]): number[] {
  return parts.map(figures).reduce((sums, part) => sums.map((sum, i) => sum + part[i]!));
}

function assertAddsUp({ stacks, sums }: Ledger): void {
  const all = Object.values(stacks);
  for (const stack of all) assert.deepEqual(figures(stack.sums), added(stack.layers));
  assert.deepEqual(figures(sums), added(all.map((stack) => stack.sums)));
  for (const key of ['synapticPj', 'totalPj'] as const) {
    const parts = all.flatMap(({ layers }) => layers).reduce((sum, layer) => sum + layer[key], 0);
    assert.ok(Math.abs(sums[key] - parts) <= 1e-9 * parts, `${key}: ${sums[key]}, its parts ${parts}`);
  }
}

test('every engine gives the same ledger of random networks, and its sums add up', async () => {
  const property = fc.asyncProperty(
    anyNetwork,
    fc.constantFrom(0, 0.05, 0.3, 1),
    fc.nat(),
    async (network, density, seed) => {
      const window = randomWindow(network, density, seed);
      const ledgers: Ledger[] = [];
      for (const [engine, mode] of [
        ['reference', 'dense'],
        ['event', 'simd'],
        ['event', 'plain'],
      ] as const) {
        const executor = await engineByName(engine).compile(network, mode);
        const [outcome] = await executor.run([window]);
        await executor.dispose();
        ledgers.push(ledger(network.spec, outcome!));
      }
      assertAddsUp(ledgers[0]!);
      for (const other of ledgers.slice(1)) assert.deepEqual(other, ledgers[0]);
    },
  );
  await fc.assert(property, { numRuns: 60, seed: 7 });
});
