import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storeFolder } from '../support/store-models.js';
import { runSwaps } from '../support/swap-run.js';

test('models change under 100 windows a second: none is lost, none comes twice, each has the model it should', async (t) => {
  const terms = { swaps: 6, rate: 100, normal: 50, settling: 3, folder: storeFolder() };
  const figures = await runSwaps(terms, t);
  const { lost, duplicated, gaps, disordered, wrong_model, windows, swaps } = figures;
  assert.deepEqual(
    { lost, duplicated, gaps, disordered, wrong_model },
    {
      ...{ lost: 0, duplicated: 0, gaps: 0, disordered: 0, wrong_model: 0 },
    },
  );
  assert.equal(swaps, 6);
  assert.ok(windows > 200);
});
