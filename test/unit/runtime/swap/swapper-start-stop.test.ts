/** What the swapper leaves behind, at its start, after changes and after a stop. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal, Slot, type StorePort, Swapper, type SwapRules } from '../../../../runtime/swap/index.js';
import { FakeClock } from '../../../support/clock.js';
import { settled } from '../../../support/scripted-worker.js';
import { FakeTarget } from '../../../support/swap-target.js';

const digests = new Map(['1', '2', '3'].map((version) => [`small@${version}`, version.repeat(64)]));
const ref = (version: string) => ({ id: 'small', version, sha256: version.repeat(64) });

/** A swapper of some pipelines, whose store has every version and takes all that is written down. */
function setUp(pipelines: readonly string[], rules: Partial<SwapRules> = {}) {
  const clock = new FakeClock();
  const verify = async (name: string) => {
    const version = name.split('@')[1]!;
    return {
      manifest: { ...ref(version), labels: ['press', 'slip', 'none'] },
      path: `/models/small/${version}-${version.repeat(8)}/model.safetensors`,
    };
  };
  const swapper = new Swapper({
    store: { verify, select: async () => ({}) } as unknown as StorePort,
    rules: () => ({ loadLimitS: 10, maxWindowMs: 50, holdS: 60, probationS: 0, ...rules }),
    ...{ clock, onEvent: () => {}, onRoles: () => {} },
  });
  const slots = pipelines.map((pipeline) => {
    const target = new FakeTarget(digests);
    const source = (path: string) => ({ path, engine: { name: 'event' } });
    const slot = new Slot({ pipeline, target, source, active: ref('2'), previous: ref('1'), nowUs: 0 });
    swapper.add(slot);
    return { slot, target };
  });
  return { clock, swapper, slots };
}

test('however often models change, one timer holds the one before', async () => {
  const { clock, swapper, slots } = setUp(['grip']);
  for (const version of ['3', '1', '2', '3']) {
    await swapper.activate('grip', `small@${version}`, { otherLabels: true });
    assert.equal(clock.waiting, 1, version);
    clock.advance(59_000);
  }
  assert.equal(slots[0]!.target.loaded.size, 2, 'the time counts from the last change');
  clock.advance(1000);
  await settled();
  assert.equal(slots[0]!.target.loaded.size, 1);
  assert.equal(clock.waiting, 0);
});

test('with probation, the timer of the hold is one as well', async () => {
  const { clock, swapper } = setUp(['grip'], { probationS: 10 });
  for (const version of ['3', '1', '3']) {
    await swapper.activate('grip', `small@${version}`, { otherLabels: true });
    clock.advance(10_000);
    await settled();
    assert.equal(clock.waiting, 1, version);
  }
});

test('pipelines that fall back at the same time all do', async () => {
  const { swapper, slots } = setUp(['grip', 'pinch', 'poke']);
  await Promise.all(slots.map(({ slot }) => swapper.fallBack(slot.pipeline, 'it cannot be loaded')));
  assert.deepEqual(
    slots.map(({ slot, target }) => [slot.activeName, target.model?.version]),
    slots.map(() => ['small@1', '1']),
  );
});

test('one that cannot fall back keeps no other from it', async () => {
  const { swapper, slots } = setUp(['grip', 'pinch']);
  slots[0]!.slot.previous = undefined;
  const [grip, pinch] = ['grip', 'pinch'].map((pipeline) => swapper.fallBack(pipeline, 'broken'));
  await assert.rejects(grip!, { code: 'no_previous' });
  await pinch;
  assert.equal(slots[1]!.slot.activeName, 'small@1');
});

test('no model changes after a stop, nor one that was about to; no timer is left', async () => {
  const { clock, swapper, slots } = setUp(['grip'], { probationS: 10 });
  await swapper.activate('grip', 'small@3', { otherLabels: true });
  clock.advance(10_000);
  await settled();
  const stops = (error: unknown): boolean =>
    error instanceof Refusal && error.code === 'busy' && /the runtime stops/.test(error.message);
  const begun = assert.rejects(swapper.activate('grip', 'small@1', { otherLabels: true }), stops);
  swapper.stop();
  await begun;
  for (const change of [
    () => swapper.activate('grip', 'small@1', { otherLabels: true }),
    () => swapper.activate('grip', 'small@2', { otherLabels: true }),
  ])
    await assert.rejects(change(), stops);
  assert.equal(slots[0]!.slot.activeName, 'small@3');
  assert.equal(clock.waiting, 0);
});
