/** Which pipeline of a store a command is about. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pipelineIn } from '../../../../runtime/cli/models/store-options.js';
import type { ModelStore } from '../../../../runtime/swap/index.js';

/** A store with a version for each of these pipelines. */
function storeOf(...names: string[]): ModelStore {
  const pipelines = Object.fromEntries(names.map((name) => [name, {}]));
  return { selections: async () => ({ pipelines }) } as unknown as ModelStore;
}

test('a store that knows no pipeline takes any, and default when none is named', async () => {
  assert.equal(await pipelineIn(storeOf(), 'grip'), 'grip');
  assert.equal(await pipelineIn(storeOf()), 'default');
});

test('without a name it is the only one; of several none is chosen', async () => {
  assert.equal(await pipelineIn(storeOf('contact')), 'contact');
  await assert.rejects(pipelineIn(storeOf('contact', 'other', 'cmd')), {
    message: 'say which pipeline with --pipeline; the store has: contact, other, cmd',
    exitCode: 2,
  });
});

test('a name that the store does not know is refused with those that it does, except for default', async () => {
  const store = storeOf('contact', 'other');
  assert.equal(await pipelineIn(store, 'other'), 'other');
  assert.equal(await pipelineIn(store, 'default'), 'default');
  await assert.rejects(pipelineIn(store, 'contct', '; more'), {
    message: "the store has no pipeline 'contct', but: contact, other; more",
  });
});
