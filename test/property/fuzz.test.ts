/** The short forms of `npm run fuzz -- models|config|commands`. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fuzz as commands } from '../fuzz/commands.js';
import { fuzz as config } from '../fuzz/config.js';
import type { FuzzTarget } from '../fuzz/fuzz.js';
import { fuzz as models } from '../fuzz/models.js';

const targets: readonly (readonly [FuzzTarget, inputs: number, good: string, bad: string])[] = [
  [models, 3000, 'accepted', 'refused'],
  [config, 1000, 'accepted', 'refused'],
  [commands, 3000, 'ok', 'error'],
];

describe('spoiled input breaks no promise', () => {
  for (const [{ name, run }, inputs, good, bad] of targets)
    test(`of ${name}`, async () => {
      const figures = await run({ inputs, seed: 1, progress: () => {} });
      assert.equal(figures[good]! + figures[bad]!, inputs);
      // An input that is hardly spoiled passes, so the depths of the readers are reached; most do not.
      assert.ok(figures[good]! > inputs / 50 && figures[bad]! > inputs / 2, JSON.stringify(figures));
    });
});

test('the same seed gives the same inputs', async () => {
  for (const { run } of [models, config, commands]) {
    const [first, second] = [await again(run), await again(run)];
    assert.deepEqual(first, second);
  }
});

async function again(run: FuzzTarget['run']): Promise<Record<string, number>> {
  const {
    slowest_ms: _slowest,
    rss_mb: _rss,
    ...figures
  } = await run({ inputs: 200, seed: 5, progress: () => {} });
  return figures;
}
