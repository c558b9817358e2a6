import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CONTACT_KINDS } from '../../../devices/index.js';
import { drawMotion, type Pose } from '../../../devices/simulator/motions.js';
import { Random } from '../../../devices/simulator/random.js';

const pad = { x: 1, y: -2, halfWidth: 6, halfHeight: 9 };
const motions = fc
  .record({ kind: fc.constantFrom(...CONTACT_KINDS), seed: fc.maxSafeInteger(), round: fc.boolean() })
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
