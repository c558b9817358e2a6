import assert from 'node:assert/strict';
import type { ModelStore } from '../../runtime/swap/index.js';

/** Versions of the model `small` in a store, and those that the pipeline `default` names. */
export interface StoreState {
  readonly versions: readonly string[];
  readonly active: string | null;
  readonly previous: string | null;
}

/**
 * What is in a store. Fails for one that is not valid: every version is what its manifest says, `active.json` can be
 * read, and the versions that it names are there.
 */
export async function storeState(store: ModelStore): Promise<StoreState> {
  const versions: string[] = [];
  for (const { id, version } of await store.list()) {
    await store.verify(`${id}@${version}`); // whole, or it rejects
    versions.push(version);
  }
  const { pipelines, fault } = await store.selections();
  assert.equal(fault, undefined);
  const { active, previous } = pipelines['default'] ?? {};
  const serving = await store.serving();
  assert.deepEqual([serving.reasons, serving.model?.manifest.version], [[], active?.version]);
  for (const ref of [active, previous])
    assert.ok(ref === undefined || ref === null || versions.includes(ref.version), ref?.version);
  return { versions, active: active?.version ?? null, previous: previous?.version ?? null };
}
