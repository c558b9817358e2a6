import { median } from '../bench/bench.js';

/**
 * Slope of the line through points by Theil and Sen: the median of the slopes of all pairs, which outliers, up to 29 % of
 * the points, do not move far. NaN with fewer than two different `x`.
 */
export function theilSen(points: readonly (readonly [x: number, y: number])[]): number {
  const slopes: number[] = [];
  for (const [i, [x1, y1]] of points.entries())
    for (const [x2, y2] of points.slice(i + 1)) if (x2 !== x1) slopes.push((y2 - y1) / (x2 - x1));
  return median(slopes);
}
