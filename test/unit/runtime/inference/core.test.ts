import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  synapticOps as allOps,
  decide,
  engineByName,
  equalShapeCost,
  ledger,
  type Outcome,
  parameterCount,
  readModelFile,
  windowFromCells,
} from '../../../../models/index.js';
import { systemClock } from '../../../../runtime/clock.js';
import { InferenceCore } from '../../../../runtime/inference/core.js';
import { smallModelFile, smallNetwork, temporaryFolder } from '../../../support/small-model.js';

const folder = temporaryFolder();
const engine = { name: 'event' };

test('a loaded model says who it is and answers as the engine itself does', async () => {
  const core = new InferenceCore(systemClock);
  const network = smallNetwork();
  const loaded = await core.load(1, { path: await smallModelFile(folder), engine });
  assert.deepEqual([loaded.id, loaded.version, loaded.verified], ['small', '1', 3]);
  assert.deepEqual(loaded.labels, network.spec.labels);
  assert.deepEqual(loaded.input, network.spec.input);
  assert.ok(loaded.medianUs >= 0 && loaded.longestUs >= loaded.medianUs);
  const reference = await engineByName('reference').compile(network);
  for (const cells of [[], [0], [0, 5, 9, 14, 20], [1, 2, 3, 10, 11, 23]]) {
    const window = windowFromCells(network.spec.input, cells);
    const [outcome] = await reference.run([window]);
    const inference = await core.infer(1, window.cells);
    assert.deepEqual(inference.decision, decide(network.spec, outcome!));
    assert.deepEqual(inference.counts.time, outcome!.time!.counts);
    assert.deepEqual(inference.counts.location, outcome!.location!.counts);
    const layers = [...outcome!.time!.layerSpikes, ...outcome!.location!.layerSpikes];
    const { input, hidden, output, synapticOps, energy } = inference.spikes!;
    assert.equal(input, cells.length);
    assert.equal(
      hidden + output,
      layers.reduce((a, b) => a + b, 0),
    );
    assert.equal(synapticOps, allOps(outcome!));
    const { synapticPj, totalPj } = ledger(network.spec, outcome!).sums;
    assert.deepEqual(energy, { synapticPj, totalPj });
    for (const duration of Object.values(inference.durations)) assert.ok(duration >= 0);
  }
});

test('energy is estimated with the costs that the model was loaded with', async () => {
  const core = new InferenceCore(systemClock);
  const { spec } = smallNetwork();
  const path = await smallModelFile(folder);
  const { parameters, equalShape } = await core.load(1, { path, engine });
  const free = await core.load(2, { path, engine, costs: { macPj: 1, acPj: 0 } });
  const { multiplyAccumulates, energyPj } = equalShapeCost(spec);
  assert.equal(parameters, parameterCount(spec));
  assert.deepEqual(equalShape, { multiplyAccumulates, energyPj });
  assert.deepEqual(free.equalShape, { multiplyAccumulates, energyPj: multiplyAccumulates });
  const cells = Uint32Array.of(0, 5, 9);
  const [usual, other] = await Promise.all([1, 2].map((handle) => core.infer(handle, cells)));
  const { multiplyAccumulates: inConvolutions } = ledger(spec, await outcomeOf(cells)).sums;
  assert.equal(other!.spikes!.energy.synapticPj, inConvolutions);
  assert.ok(usual!.spikes!.energy.synapticPj > 4.6 * inConvolutions);
});

/** What the reference engine says of a window of the small network. */
async function outcomeOf(cells: Uint32Array): Promise<Outcome> {
  const [outcome] = await (await engineByName('reference').compile(smallNetwork())).run([{ cells }]);
  return outcome!;
}

test('a model that cannot serve is refused with its reason', async () => {
  const core = new InferenceCore(systemClock);
  const good = await smallModelFile(folder);
  const refused = async (path: string, name: string, reason: RegExp) =>
    assert.rejects(core.load(1, { path, engine: { name } }), reason);
  await refused(join(folder, 'absent.safetensors'), 'event', /ENOENT/);
  await refused(good, 'abacus', /no engine "abacus"/);
  const broken = join(folder, 'broken.safetensors');
  writeFileSync(broken, 'not a model');
  await refused(broken, 'event', /broken\.safetensors: /);
  const lying = await smallModelFile(folder, smallNetwork(), (content) => ({
    ...content,
    selfTest: content.selfTest.map((expected) => ({ ...expected, label: (expected.label + 1) % 3 })),
  }));
  await refused(lying, 'event', /small failed its self-test on engine event: self-test window 0/);
  // After all these the handle is still free.
  await core.load(1, { path: good, engine });
  await assert.rejects(core.load(1, { path: good, engine }), /handle 1 is in use/);
});

test('cells that are no window are refused, and nothing else', async () => {
  const core = new InferenceCore(systemClock);
  await core.load(1, { path: await smallModelFile(folder), engine });
  await assert.rejects(core.infer(1, Uint32Array.of(3, 3)), /cell 1 of the window is not above/);
  await assert.rejects(core.infer(1, Uint32Array.of(24)), /cell 24 lies outside a window of 24 cells/);
  await assert.rejects(core.infer(2, Uint32Array.of(1)), /no model is loaded under handle 2/);
  await core.infer(1, Uint32Array.of(23));
});

test('handles of the same content share one compiled model, and each can go', async () => {
  let compiled = 0;
  const path = await smallModelFile(folder);
  const core = new InferenceCore(systemClock, async () => {
    const model = await readModelFile(path);
    // The self-test is read once for each time that the model is compiled.
    return Object.defineProperty({ ...model }, 'selfTest', {
      get: () => {
        compiled++;
        return [];
      },
    });
  });
  await Promise.all([1, 2, 3].map((handle) => core.load(handle, { path, engine })));
  const once = compiled;
  await core.load(4, { path, engine: { name: 'reference' } });
  assert.equal(compiled, 2 * once);
  core.unload(1);
  core.unload(1);
  await core.infer(2, Uint32Array.of(1));
  core.unload(2);
  core.unload(3);
  await assert.rejects(core.infer(3, Uint32Array.of(1)), /no model is loaded/);
  await core.load(5, { path, engine });
  assert.equal(compiled, 3 * once);
});
