import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engineByName, type Model, makeSelfTest, verifyModel } from '../../../models/index.js';
import { goldenWindow, tinyGolden } from '../../support/golden.js';

async function tinyModel(): Promise<Model> {
  const { network, cases } = tinyGolden();
  const windows = cases.map(({ events }) => goldenWindow(network.spec.input, events));
  const selfTest = await makeSelfTest(await engineByName('reference').compile(network), windows);
  return { ...network, id: 'tiny', version: '1', sha256: '', training: {}, metrics: {}, selfTest };
}

test('a model passes the self-test it was given, on every engine', async () => {
  const model = await tinyModel();
  for (const name of ['event', 'reference']) {
    assert.deepEqual(await verifyModel(await engineByName(name).compile(model), model), {
      ok: true,
      windows: 4,
      faults: [],
    });
  }
});

test('changed weights fail it, and the fault says which window and what was expected', async () => {
  const model = await tinyModel();
  model.weights.get('time.fc3.bias')!.data.fill(1);
  const { ok, faults } = await verifyModel(await engineByName('event').compile(model), model);
  assert.equal(ok, false);
  assert.match(faults[0]!, /window 0: time counts are \[9,9,9\], expected \[0,0,0\]/);
});

test('a self-test with a cell outside the window is refused', async () => {
  const model = await tinyModel();
  const selfTest = [{ cellDeltas: [100_000], label: 0 }];
  await assert.rejects(
    verifyModel(await engineByName('event').compile(model), { ...model, selfTest }),
    /cell 100000 of 108/,
  );
});
