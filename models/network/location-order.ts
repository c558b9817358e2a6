/** Orders in which a location branch visits the taxels: permutations of 0 .. taxels-1, step -> taxel. */
import type { Position } from '../graph/edges.js';
import { seededRandom, shuffle } from '../random.js';

/** A random order; the same for the same seed. The published code draws one without a seed for every model. */
export function randomOrder(taxels: number, seed: number): number[] {
  return shuffle(
    Array.from({ length: taxels }, (_, taxel) => taxel),
    seededRandom(seed),
  );
}

/**
 * Mean distance from one taxel of an order to the next, in the unit of the positions: how smooth a path it is over the
 * pad. 0 for fewer than two taxels.
 */
export function meanStep(order: readonly number[], positions: readonly Position[]): number {
  if (order.length < 2) return 0;
  let sum = 0;
  for (const [i, taxel] of order.slice(1).entries()) {
    const [a, b] = [positions[order[i]!]!, positions[taxel]!];
    sum += Math.hypot(a[0] - b[0], a[1] - b[1]);
  }
  return sum / (order.length - 1);
}
