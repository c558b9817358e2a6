/** How well a layout of taxels fits recordings: do taxels that lie close together fire together (`coActivation`)? */
import type { Geometry } from '../../devices/index.js';

/** The values of a symmetric matrix, row-major [n, n], for the pairs (0,1), (0,2) ... (n-2,n-1). */
export function ofPairs(matrix: Float64Array, n: number): Float64Array {
  return Float64Array.from(pairs(n), ([i, j]) => matrix[i * n + j]!);
}

/** Closeness (negative distance in mm) of each pair of taxels, in the order of `ofPairs`. */
export function closeness(geometry: Geometry): Float64Array {
  const at = geometry.taxels;
  return Float64Array.from(
    pairs(at.length),
    ([i, j]) => -Math.hypot(at[i]!.x - at[j]!.x, at[i]!.y - at[j]!.y),
  );
}

/** Spearman's rank correlation, equal values sharing their mean rank. */
export function rankCorrelation(a: Float64Array, b: Float64Array): number {
  const [p, q] = [ranks(a), ranks(b)];
  standardise(p);
  standardise(q);
  return dot(p, q);
}

function pairs(count: number): [number, number][] {
  const found: [number, number][] = [];
  for (let i = 0; i < count; i++) for (let j = i + 1; j < count; j++) found.push([i, j]);
  return found;
}

/** Shifts to mean 0 and scales to length 1, so that a dot product is a correlation. */
function standardise(row: Float64Array): void {
  const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
  const length = Math.sqrt(row.reduce((sum, value) => sum + (value - mean) ** 2, 0));
  for (let i = 0; i < row.length; i++) row[i] = (row[i]! - mean) / length;
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

function ranks(values: Float64Array): Float64Array {
  const order = Array.from(values.keys()).sort((i, j) => values[i]! - values[j]!);
  const rank = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let k = from; k < to; k++) rank[order[k]!] = (from + to - 1) / 2;
    from = to;
  }
  return rank;
}
