import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelSources } from '../../../../runtime/cli/worker.js';
import { configOf } from '../../../support/daemon.js';

const pipeline = { sensors: ['finger'], model: 'demo' };
const config = configOf({
  sensors: { finger: { transport: { kind: 'simulator' } } },
  pipelines: { a: pipeline, b: pipeline, c: { ...pipeline, engine: { name: 'reference' } } },
});

test('a worker takes the model of several pipelines once, and once more for another engine', () => {
  const engines = modelSources(config, { engine: 'event' }).map(({ engine }) => engine.name);
  assert.equal(engines.length, 2);
  assert.equal(engines[1], 'reference');
});

test('a model that is named twice is one', () => {
  assert.equal(modelSources(config, { model: ['demo', 'demo'], engine: 'event' }).length, 1);
});
