import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readModelFile } from '../../../../models/index.js';
import { modelPath } from '../../../../runtime/bundled.js';
import { chooseEngine, fileMemory } from '../../../../runtime/inference/engine-choice.js';

const folder = mkdtempSync(join(tmpdir(), 'whorl-engines-'));
after(() => rmSync(folder, { recursive: true }));
const quick = { nowMs: (): number => performance.now(), budgetMs: 50 };

test('the first start measures, the next one remembers', async () => {
  const model = await readModelFile(modelPath('demo'));
  const memory = fileMemory(join(folder, 'new', 'engines.json'));
  const first = await chooseEngine(model, { ...quick, memory });
  assert.equal(first.remembered, false);
  assert.equal(first.table[0]!.agrees, true);
  assert.ok(first.table.length >= 3);
  assert.deepEqual(await chooseEngine(model, { ...quick, memory }), {
    table: JSON.parse(JSON.stringify(first.table)),
    remembered: true,
  });
  assert.equal((await chooseEngine({ ...model, sha256: 'another' }, { ...quick, memory })).remembered, false);
});

test('a damaged or foreign file costs a new measurement, no more', async () => {
  const model = await readModelFile(modelPath('demo'));
  const path = join(folder, 'damaged.json');
  for (const text of ['{', '[]', 'null']) {
    writeFileSync(path, text);
    assert.equal((await chooseEngine(model, { ...quick, memory: fileMemory(path) })).remembered, false);
  }
  const remembered = JSON.parse(readFileSync(path, 'utf8'));
  for (const key of Object.keys(remembered))
    remembered[key] = [{ engine: 'abacus', mode: 'wood', agrees: true }];
  writeFileSync(path, JSON.stringify(remembered));
  assert.equal((await chooseEngine(model, { ...quick, memory: fileMemory(path) })).remembered, false);
});

test('a folder that cannot be written does not keep a model from serving', async () => {
  const model = await readModelFile(modelPath('demo'));
  writeFileSync(join(folder, 'file'), '');
  const { table } = await chooseEngine(model, {
    ...quick,
    memory: fileMemory(join(folder, 'file', 'engines.json')),
  });
  assert.equal(table[0]!.agrees, true);
});
