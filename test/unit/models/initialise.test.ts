import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engineByName, hybridSrmSpec, initialWeights, windowFromCells } from '../../../models/index.js';

const spec = hybridSrmSpec({
  name: 'x',
  labels: ['a', 'b'],
  taxels: 4,
  bins: 60,
  binUs: 1000,
  hidden: [],
  fuse: 'layer',
});

test('fresh weights are uniform with the published bounds, ten times wider for spike-response neurons', () => {
  const bounds = [...initialWeights(spec, 1)]
    .filter(([name]) => !name.startsWith('fused'))
    .map(
      ([name, { shape, data }]) =>
        [name, Math.max(...data.map(Math.abs)) / (10 / Math.sqrt(shape[1]!))] as const,
    );
  for (const [name, share] of bounds) assert.ok(share <= 1 && share > 0.8, `${name}: ${share}`);
});

test('a fused layer begins by passing on the spikes of each class, whatever the seed', async () => {
  for (const seed of [1, 2, 3]) {
    const weights = new Map(initialWeights(spec, seed));
    assert.deepEqual(
      [0, 3].map((i) => weights.get('fused.fc1.weight')!.data[i]),
      [10, 10],
    );
    // Time branch: cells of channel 0 drive class a, those of channel 1 class b.
    weights.set('time.fc1.weight', {
      shape: [2, 8],
      data: Float32Array.from([...'10000000', ...'01000000'], (w) => 20 * Number(w)),
    });
    weights.set('location.fc1.weight', { shape: [2, 60], data: new Float32Array(120) });
    const executor = await engineByName('event').compile({ spec, weights });
    for (const channel of [0, 1]) {
      const [outcome] = await executor.run([
        windowFromCells(spec.input, [channel, 8 + channel, 16 + channel]),
      ]);
      const { counts } = outcome!.fused!;
      assert.ok(counts[channel]! > 0 && counts[channel]! >= counts[1 - channel]!, `seed ${seed}: ${counts}`);
    }
  }
});
