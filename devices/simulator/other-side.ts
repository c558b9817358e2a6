/**
 * The second finger of a gripper: it holds the same object from the other side, so it feels the same motion mirrored.
 *
 * Both fingers carry the same sensor, turned about the long axis y so that they face each other: what goes to the right
 * on one goes to the left on the other. Shapes are symmetric in u (shapes.ts), so a mirrored pose is (-x, y, -angle)
 * with the same underside.
 */
import type { Motion, Pad } from './motions.js';
import { deriveSeed, type Random } from './random.js';
import type { Finger } from './sensor-options.js';

/**
 * The motion that the other finger feels. Grippers are not exact: it lies up to 0.8 mm and 0.1 rad beside the mirror
 * image, and presses between 15 % less and 15 % more.
 */
export function otherSide(motion: Motion, pad: Pad, random: Random): Motion {
  const [dx, dy] = [random.between(-0.8, 0.8), random.between(-0.8, 0.8)];
  const turn = random.between(-0.1, 0.1);
  const force = random.between(0.85, 1.15);
  return {
    ...motion,
    at(t, pose) {
      motion.at(t, pose);
      pose.x = 2 * pad.x - pose.x + dx;
      pose.y += dy;
      pose.angle = turn - pose.angle;
      pose.depth *= force;
    },
  };
}

/** The seed of what only this finger has: gains, noise, background. */
export function fingerSeed(contactSeed: number, finger: Finger): number {
  return finger === 0 ? contactSeed : deriveSeed(contactSeed, 3);
}
