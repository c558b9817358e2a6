/** The short form of `npm run drill -- power`, for the configuration file. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { configKillLoop } from '../support/config-kill-loop.js';
import { temporaryFolder } from '../support/small-model.js';

test('a configuration file whose writers are killed 12 times is valid after each of them, the old one or the new one', {
  timeout: 120_000,
}, async () => {
  const figures = await configKillLoop({ kills: 12, seed: 1, folder: join(temporaryFolder(), 'config') });
  assert.equal(figures['kills'], 12);
  assert.ok(figures['during_write']! > 0 && figures['locks_left']! > 0); // they hit something
});
