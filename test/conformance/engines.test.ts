import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BRANCHES, engineByName, engines, initialWeights } from '../../models/index.js';
import { tinyGolden } from '../support/golden.js';
import { randomWindow } from '../support/networks.js';
import { checkEngine } from './engine-suite.js';

for (const mode of engineByName('event').modes)
  await checkEngine({ engine: engineByName('event'), mode, networks: 150 });
await checkEngine({
  engine: engineByName('reference'),
  mode: 'dense',
  networks: 150,
  realWindows: 2,
});

test('every engine refuses a mode that it does not have, naming those it has', async () => {
  const { network } = tinyGolden();
  for (const engine of engines) {
    const refused = { name: 'RangeError', message: new RegExp(`no mode "warp".*${engine.modes[0]}`) };
    await assert.rejects(engine.compile(network, 'warp'), refused);
    await assert.rejects(engine.unavailable('warp'), refused);
  }
});

test('fresh weights make both branches of a network usable', async () => {
  const { network } = tinyGolden();
  const executor = await engineByName('reference').compile({
    spec: network.spec,
    weights: initialWeights(network.spec, 1),
  });
  const [outcome] = await executor.run([randomWindow(network, 0.5, 1)]);
  for (const branch of BRANCHES) assert.equal(outcome![branch]!.counts.length, 3);
});
