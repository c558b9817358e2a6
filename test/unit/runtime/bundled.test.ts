import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readModelFile } from '../../../models/index.js';
import { bundledModels, demoModel, missingModel, modelPath } from '../../../runtime/bundled.js';

test('the bundled models are known by name, the demo model among them, and can be read', async () => {
  assert.ok(bundledModels().includes(demoModel));
  for (const name of bundledModels()) {
    assert.equal(missingModel(name), undefined);
    assert.ok((await readModelFile(modelPath(name))).selfTest.length > 0, `${name} has no self-test`);
  }
});

test('anything else is a file, relative to a folder', () => {
  assert.equal(modelPath('grasp.safetensors', '/etc/whorl'), '/etc/whorl/grasp.safetensors');
  assert.equal(modelPath('/data/grasp.safetensors', '/etc/whorl'), '/data/grasp.safetensors');
  assert.equal(modelPath('./demo', '/etc/whorl'), '/etc/whorl/demo');
});

test('a missing model is told with the names that there are', () => {
  assert.match(missingModel('dmo', '/etc')!, /^\/etc\/dmo: no such file; bundled models: .*\bdemo\b/);
  assert.match(missingModel('/tmp')!, /^\/tmp: no such file/, 'a folder is none');
});
