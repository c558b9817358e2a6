/**
 * The NeuTouch fingertip: 39 taxels on a pad of about 12 x 18 mm (Gu et al. 2020, Taunyazov et al. 2020).
 *
 * Two numberings are in use. The *published* one counts the taxels by their first coordinate and is what the
 * coordinates, graphs and location orders of the published code speak of. The *data* has its rows in the order of
 * the hardware's receptors, which is another one; MAP_A and MAP_B translate. DESIGN.md tells how that was measured.
 */
import { type Geometry, rowOrder } from './geometry.js';

const TAXELS = 39;

/** Coordinates in mm in published numbering: published number n is entry n - 1. */
const PUBLISHED_X = [
  -6, -5.3, -5.3, -4.6, -4.6, -3.5, -3.05, -3.05, -3.1, -3.1, -1.6, -1.75, -1.6, -1.75, -1.5, -0.7, -0.7, 0,
  0, 0, 0, 0, 0.8, 0.8, 1.6, 1.6, 1.5, 1.75, 1.75, 3.05, 3.1, 3.05, 3.1, 3.6, 4.6, 4.6, 5.3, 5.3, 6,
];
const PUBLISHED_Y = [
  0, -3, 3, -7.8, 7.8, 0, -5.2, 5.2, -1.75, 1.75, -8.9, -3, 8.9, 3, 0, -1.3, 1.3, -6, 6, -3.5, 0, 3.5, -1.3,
  1.3, -8.9, 8.9, 0, 3, -3, -5.2, 1.75, 5.2, -1.75, 0, -7.8, 7.8, -3, 3, 0,
];

/** Data row -> published number (1-based), first finger (receptor 16 absent). */
const MAP_A = [
  23, 16, 15, 33, 29, 20, 12, 9, 6, 37, 30, 18, 7, 2, 1, 35, 11, 4, 25, 36, 26, 13, 5, 39, 38, 32, 19, 8, 3,
  34, 31, 28, 22, 14, 10, 27, 24, 17, 21,
];

/** Data row -> published number (1-based), second finger (receptor 8 absent); the public v0 recordings fit this one. */
const MAP_B = [
  17, 24, 27, 10, 14, 22, 28, 31, 3, 8, 19, 32, 38, 39, 5, 13, 26, 36, 34, 4, 11, 25, 35, 1, 2, 7, 18, 30, 37,
  6, 9, 12, 20, 29, 33, 15, 16, 23, 21,
];

/** Location orders of Kang et al. 2023 as published numbers: arch goes from row to row, whorl from ring to ring. */
const ARCH = [
  11, 25, 35, 4, 18, 30, 7, 2, 20, 37, 29, 12, 9, 33, 23, 16, 1, 6, 15, 21, 27, 34, 39, 24, 17, 10, 31, 38,
  28, 14, 3, 22, 32, 8, 19, 36, 5, 13, 26,
];
const WHORL = [
  21, 15, 16, 23, 27, 24, 17, 6, 9, 12, 20, 29, 33, 34, 31, 28, 22, 14, 10, 1, 2, 7, 18, 30, 37, 39, 38, 32,
  19, 8, 3, 4, 11, 25, 35, 36, 26, 13, 5,
];

/** First finger: rows in receptor order, true positions. */
export const neutouchA: Geometry = finger('neutouch-a', MAP_A, receptorsWithout(16));

/** Second finger: rows in receptor order, true positions. Use it for the public v0 recordings and one-finger models. */
export const neutouchB: Geometry = finger('neutouch-b', MAP_B, receptorsWithout(8));

/**
 * The numbering as the published code applied it: row i at the i-th published coordinate. Wrong about where the taxels
 * are, but checkpoints trained with it exist and need it.
 */
export const neutouchPublished: Geometry = finger(
  'neutouch-published',
  rowOrder(TAXELS).map((row) => row + 1),
  rowOrder(TAXELS),
);

/** One finger from its map data row -> published number and its receptor ids. */
function finger(id: string, map: readonly number[], receptors: readonly number[]): Geometry {
  const rowOf = new Map(map.map((published, row) => [published, row]));
  return {
    id,
    unit: 'mm',
    taxels: map.map((published, row) => ({
      x: PUBLISHED_X[published - 1]!,
      y: PUBLISHED_Y[published - 1]!,
      z: 0,
      raw: receptors[row]!,
    })),
    orders: {
      row: rowOrder(TAXELS),
      arch: ARCH.map((published) => rowOf.get(published)!),
      whorl: WHORL.map((published) => rowOf.get(published)!),
      'published-arch': ARCH.map((published) => published - 1),
      'published-whorl': WHORL.map((published) => published - 1),
    },
  };
}

/** Receptor ids 0 .. 39 of a finger, of which one is not there. */
function receptorsWithout(absent: number): number[] {
  return rowOrder(TAXELS + 1).filter((receptor) => receptor !== absent);
}
