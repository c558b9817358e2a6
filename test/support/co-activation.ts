/** How well a layout of taxels fits recordings: do taxels that lie close together fire together? */
import type { Geometry } from '../../devices/index.js';
import type { Recording } from './recordings.js';

/**
 * Pearson correlation of the activity of each pair of taxels, pairs (0,1), (0,2) ... (n-2,n-1). Activity is the number
 * of set cells of both polarities in `group` bins, minus its mean over the taxels, over all recordings.
 */
export function coActivation(recordings: readonly Recording[], group = 5): Float64Array {
  const taxels = recordings[0]!.taxels;
  const rows = Array.from({ length: taxels }, (_, taxel) => activity(recordings, taxel, group));
  removeMean(rows);
  rows.forEach(standardise);
  return Float64Array.from(pairs(taxels), ([i, j]) => dot(rows[i]!, rows[j]!));
}

/** Closeness (negative distance in mm) of each pair of taxels, in the same order of pairs. */
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

function activity(recordings: readonly Recording[], taxel: number, group: number): Float64Array {
  const row = new Float64Array(recordings.reduce((sum, { bins }) => sum + Math.floor(bins / group), 0));
  let at = 0;
  for (const { bins, cells } of recordings) {
    for (let start = 0; start + group <= bins; start += group, at++) {
      for (let bin = start; bin < start + group; bin++) {
        row[at]! += cells[taxel * 2 * bins + bin]! + cells[(taxel * 2 + 1) * bins + bin]!;
      }
    }
  }
  return row;
}

/** Subtracts from every column its mean over the rows: what the whole pad does at once says nothing about places. */
function removeMean(rows: readonly Float64Array[]): void {
  for (let at = 0; at < rows[0]!.length; at++) {
    const mean = rows.reduce((sum, row) => sum + row[at]!, 0) / rows.length;
    for (const row of rows) row[at]! -= mean;
  }
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
