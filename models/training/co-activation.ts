/** Which taxels fire together in recordings, and an order of locations learned from it. */
import { spectralOrder } from '../graph/seriation.js';
import type { Dataset } from './dataset.js';

/** Windows without labels are enough. */
export type Touch = Pick<Dataset, 'input' | 'windows'>;

/** Bins that are taken together: 100 ms of the published recordings. */
const CO_ACTIVATION_BINS = 5;

/**
 * Pearson correlation of the activity of each pair of taxels, row-major [taxels, taxels]. Activity is the number of set
 * cells of all channels in `group` bins, minus its mean over the taxels at that time (what the whole pad does at once
 * says nothing about places), over all windows; bins that are left over at the end of a window do not count. A taxel
 * whose activity never changes correlates with none: 0.
 */
export function coActivation({ input, windows }: Touch, group = CO_ACTIVATION_BINS): Float64Array {
  const { taxels, channels, bins } = input;
  const groups = Math.floor(bins / group);
  const length = windows.length * groups;
  const rows = Array.from({ length: taxels }, () => new Float64Array(length));
  for (const [w, { cells }] of windows.entries()) {
    for (const cell of cells) {
      const site = Math.floor(cell / channels);
      const at = Math.floor(site / taxels / group);
      if (at < groups) rows[site % taxels]![w * groups + at]!++;
    }
  }
  removeMean(rows, length);
  rows.forEach(standardise);
  const correlation = new Float64Array(taxels * taxels);
  for (let i = 0; i < taxels; i++) {
    for (let j = i; j < taxels; j++) {
      const r = dot(rows[i]!, rows[j]!);
      correlation[i * taxels + j] = r;
      correlation[j * taxels + i] = r;
    }
  }
  return correlation;
}

/**
 * An order of the taxels in which those that fire together stand close together: the spectral order (see
 * `spectralOrder`) of their co-activation, negative correlations counting as 0. A heuristic: it gives the taxels real
 * numbers as places on a line, so that the sum over pairs of correlation times squared distance is least, and takes
 * the ranks of those. Labels are not looked at.
 * @returns undefined where the recordings do not tell, e.g. because nothing was touched
 */
export function learnedOrder(touch: Touch): number[] | undefined {
  const together = coActivation(touch).map((r) => Math.max(0, r));
  return spectralOrder(together, touch.input.taxels);
}

/** Subtracts from every column its mean over the rows. */
function removeMean(rows: readonly Float64Array[], length: number): void {
  for (let at = 0; at < length; at++) {
    let sum = 0;
    for (const row of rows) sum += row[at]!;
    for (const row of rows) row[at]! -= sum / rows.length;
  }
}

/** Shifts to mean 0 and scales to length 1, so that a dot product is a correlation; a constant row becomes 0. */
function standardise(row: Float64Array): void {
  const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
  const length = Math.sqrt(row.reduce((sum, value) => sum + (value - mean) ** 2, 0));
  for (let i = 0; i < row.length; i++) row[i] = length > 1e-9 ? (row[i]! - mean) / length : 0;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
