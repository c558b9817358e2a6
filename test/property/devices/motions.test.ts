import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTACT_KINDS, type MotionKind } from '../../../devices/index.js';
import { drawMotion, type Pose } from '../../../devices/simulator/motions.js';
import { otherSide } from '../../../devices/simulator/other-side.js';
import { Random } from '../../../devices/simulator/random.js';
import * as fc from '../../support/fast-check.js';

const pad = { x: 1, y: -2, halfWidth: 6, halfHeight: 9 };
const kinds: readonly MotionKind[] = [...CONTACT_KINDS, 'hold'];
const motions = fc
  .record({ kind: fc.constantFrom(...kinds), seed: fc.maxSafeInteger(), round: fc.boolean() })
  .map(({ kind, seed, round }) => ({ kind, ...drawMotion(kind, pad, round, new Random(seed)) }));
const newPose = (): Pose => ({ x: 0, y: 0, angle: 0, depth: 0, width: 0 });

test('a motion begins and ends at the first touch, and in between goes no deeper than a fingertip is thick', () =>
  fc.assert(
    fc.property(motions, ({ seconds, at }) => {
      const pose = newPose();
      assert.ok(seconds >= 0.05 && seconds <= 1);
      let deepest = 0;
      for (let i = 0; i <= 200; i++) {
        at((seconds * i) / 200, pose);
        for (const value of Object.values(pose)) assert.ok(Number.isFinite(value));
        if (i === 0 || i === 200) assert.ok(Math.abs(pose.depth) < 1e-9, `${pose.depth} at ${i}`);
        assert.ok(pose.width > 0.5 && pose.width < 2);
        deepest = Math.max(deepest, pose.depth);
      }
      assert.ok(deepest > 0.4 && deepest < 1.6, `${deepest} mm`);
    }),
  ));

test('it stays on the pad, and never jumps', () =>
  fc.assert(
    fc.property(motions, ({ kind, seconds, at }) => {
      const [pose, before] = [newPose(), newPose()];
      at(0, before);
      for (let t = 0; t <= seconds; t += 0.001) {
        at(t, pose);
        assert.ok(
          Math.abs(pose.x - pad.x) <= 6.9 && Math.abs(pose.y - pad.y) <= 8.2,
          `${kind} ${pose.x} ${pose.y}`,
        );
        const step = Math.hypot(pose.x - before.x, pose.y - before.y);
        assert.ok(step < (kind === 'slip' ? 0.1 : 0.04), `${kind}: ${step} mm in 1 ms`);
        Object.assign(before, pose);
      }
    }),
  ));

test('a slip and a hold are strained when they have settled, and have time to go on; other motions are not', () =>
  fc.assert(
    fc.property(motions, ({ kind, seconds, strainedAt }) => {
      assert.equal(strainedAt !== undefined, kind === 'slip' || kind === 'hold');
      if (strainedAt !== undefined) assert.ok(strainedAt > 0.2 && strainedAt < seconds - 0.2);
    }),
  ));

test('a hold stays where it is and is pressed harder; a slip of the same draw travels on', () => {
  const after = (kind: MotionKind, seed: number) => {
    const motion = drawMotion(kind, pad, false, new Random(seed));
    const [before, then] = [newPose(), newPose()];
    motion.at(motion.strainedAt!, before);
    motion.at(motion.strainedAt! + 0.15, then);
    return { way: Math.hypot(then.x - before.x, then.y - before.y), depth: then.depth - before.depth };
  };
  for (let seed = 0; seed < 50; seed++) {
    assert.ok(after('hold', seed).way < 1e-9 && after('hold', seed).depth > 0.01, `hold ${seed}`);
    assert.ok(after('slip', seed).way > 2, `slip ${seed}`);
  }
});

test('the other finger feels the mirror image, but for what a gripper is inexact by', () =>
  fc.assert(
    fc.property(motions, fc.maxSafeInteger(), ({ seconds, ...motion }, seed) => {
      const other = otherSide({ seconds, ...motion }, pad, new Random(seed));
      const [here, there] = [newPose(), newPose()];
      assert.equal(other.seconds, seconds);
      for (const share of [0.1, 0.5, 0.9]) {
        motion.at(seconds * share, here);
        other.at(seconds * share, there);
        assert.ok(Math.abs(there.x - pad.x + here.x - pad.x) <= 0.8);
        assert.ok(Math.abs(there.y - here.y) <= 0.8);
        assert.ok(Math.abs(there.angle + here.angle) <= 0.1 + 1e-9);
        assert.ok(Math.abs(there.depth - here.depth) <= 0.15 * Math.abs(here.depth) + 1e-9);
        assert.equal(there.width, here.width);
      }
    }),
  ));
