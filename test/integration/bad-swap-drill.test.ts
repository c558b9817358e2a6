import { test } from 'node:test';
import { promises, runBadSwaps } from '../support/bad-swap-run.js';
import { assertKept } from '../support/promises.js';
import { storeFolder } from '../support/store-models.js';

test('models that must not serve are refused, each with its own code, while results keep flowing', {
  timeout: 120_000,
}, async (t) => {
  const figures = await runBadSwaps({ folder: storeFolder(), rate: 50 }, t);
  assertKept(figures, promises(figures));
});
