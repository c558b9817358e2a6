/** The short form of `npm run drill -- power`. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { killLoop } from '../support/kill-loop.js';
import { temporaryFolder } from '../support/small-model.js';
import { storeFolder, storeModel } from '../support/store-models.js';

test('a store whose processes are killed 20 times is valid after each of them, and has lost nothing', {
  timeout: 120_000,
}, async () => {
  const sources = temporaryFolder();
  const models = [
    await storeModel(sources, '1'),
    await storeModel(sources, '2'),
    await storeModel(sources, '3'),
  ];
  const store = join(storeFolder(), 'store');
  const figures = await killLoop({ kills: 20, seed: 1, store, models });
  assert.equal(figures['kills'], 20);
  assert.ok(figures['during_change']! > 0 && figures['locks_left']! > 0); // they hit something
});
