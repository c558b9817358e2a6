/**
 * Peaks of this machine, measured with the engine's own kernel for rows: additions into sums that stay in registers.
 * The row that is added over and over again stays in the first cache and gives the peak of additions; rows scattered over
 * a matrix of the size of the network's largest layer give what reading them allows.
 */

import type { Rows } from '../../models/engine/event/kernels.js';
import { createSimdKernels } from '../../models/engine/event/simd/simd.js';

const width = 128;
const rowsOfMatrix = 20_000;
const additions = 20_000;

const kernels = createSimdKernels();
const rows: Rows = {
  weight: kernels.floats(rowsOfMatrix * width),
  bias: kernels.floats(width),
  outputs: width,
  stride: width,
};
const sums = kernels.floats(width);
const oneRow = kernels.indices(additions);
const scattered = kernels.indices(additions);
for (let i = 0; i < additions; i++) {
  oneRow[i] = i % 4;
  // A stride that visits every row once before any twice, ascending pieces as spikes come.
  scattered[i] = (i * 7919) % rowsOfMatrix;
}

/** Billions of float additions a second when the rows are in the first cache. */
export function addPeak(): number {
  return rate(oneRow);
}

/** Billions of float additions a second when each row comes from elsewhere in a 10 MB matrix. */
export function readPeak(): number {
  return rate(scattered);
}

function rate(index: Uint32Array): number {
  const started = performance.now();
  kernels.sumBlock(rows, true, index, 0, additions, sums, 0);
  return (additions * width) / (performance.now() - started) / 1e6;
}
