import type { Random } from './random.js';

/** Objects that touch the sensor. */
export const OBJECT_SHAPES = ['sphere', 'cylinder', 'edge', 'flat', 'ring', 'corner'] as const;
export type ObjectShape = (typeof OBJECT_SHAPES)[number];

/**
 * The underside of an object in its own frame: how far the surface lies above its deepest point at (u, v), all in mm.
 * Long shapes lie along v, so that u is the direction in which moving them shows most.
 */
export type Underside = (u: number, v: number) => number;

/** An object of this shape, its size drawn at random. */
export function drawUnderside(shape: ObjectShape, random: Random): Underside {
  switch (shape) {
    case 'sphere': {
      const radius = random.between(6, 14);
      return (u, v) => (u * u + v * v) / (2 * radius);
    }
    case 'cylinder': {
      const [radius, half] = [random.between(3, 8), random.between(5, 8)];
      return (u, v) => (u * u) / (2 * radius) + beyond(v, half);
    }
    case 'edge': {
      const [slope, half] = [random.between(0.25, 0.5), random.between(5, 8)];
      return (u, v) => Math.abs(u) * slope + beyond(v, half);
    }
    case 'flat': {
      const [halfU, halfV] = [random.between(1.8, 2.8), random.between(3, 4.5)];
      return (u, v) => beyond(u, halfU) + beyond(v, halfV);
    }
    case 'ring': {
      const [radius, rim] = [random.between(2.5, 4), random.between(1, 2)];
      return (u, v) => (Math.hypot(u, v) - radius) ** 2 / (2 * rim);
    }
    case 'corner': {
      // The right-angled tip of a flat plate: it points to -v and widens towards +v.
      const length = random.between(5, 8);
      return (u, v) => beyond(Math.max(Math.abs(u) - (v + length / 2), 0), 0) + beyond(v, length / 2);
    }
  }
}

/** Shapes that a turn about their own centre leaves as they are. */
export function isRound(shape: ObjectShape): boolean {
  return shape === 'sphere' || shape === 'ring';
}

/** Rounded border (radius 1.5 mm) of a flat part that reaches from -half to half. */
function beyond(position: number, half: number): number {
  const over = Math.abs(position) - half;
  return over > 0 ? (over * over) / 3 : 0;
}
