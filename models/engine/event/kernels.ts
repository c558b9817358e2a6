/** The hot loops of the event engine: arrays in, arrays out; they know no network. Float32 at every operation. */

import { sumBlock } from '../../network/summation.js';
import { smallestNormal } from '../../neurons/lif.js';

/**
 * Currents of a dense layer: bias plus the rows of `rows` [inputs, width] named by the first `count` entries of `active`
 * (ascending), summed block by block and then pairwise, as network/summation.ts says.
 * @param blocks working memory [blocks, width]; the first row holds the currents in the end
 */
export function sumRows(
  blocks: Float32Array,
  bias: Float32Array,
  rows: Float32Array,
  width: number,
  active: Uint32Array,
  count: number,
): void {
  let used = blocks.length / width;
  blocks.fill(0);
  blocks.set(bias);
  for (let k = 0; k < count; ) {
    const block = Math.floor(active[k]! / sumBlock);
    let end = k + 1;
    while (end < count && active[end]! < (block + 1) * sumBlock) end++;
    addRows(blocks, block * width, rows, width, active, k, end);
    k = end;
  }
  for (; used > 1; used = Math.ceil(used / 2)) {
    for (let pair = 0; 2 * pair < used; pair++) {
      addPair(
        blocks,
        pair * width,
        2 * pair * width,
        2 * pair + 1 < used ? (2 * pair + 1) * width : -1,
        width,
      );
    }
  }
}

function addPair(sums: Float32Array, to: number, a: number, b: number, width: number): void {
  for (let j = 0; j < width; j++) {
    sums[to + j] = b < 0 ? sums[a + j]! : Math.fround(sums[a + j]! + sums[b + j]!);
  }
}

/**
 * Adds to `current` [width], at `to`, the rows named by the entries `k` to `end` of `active`. Four rows a pass, so that
 * a current is loaded and stored once for four additions; the order of additions stays that of `active`.
 */
function addRows(
  current: Float32Array,
  to: number,
  rows: Float32Array,
  width: number,
  active: Uint32Array,
  k: number,
  end: number,
): void {
  const { fround } = Math;
  for (; k + 4 <= end; k += 4) {
    const a = active[k]! * width;
    const b = active[k + 1]! * width;
    const c = active[k + 2]! * width;
    const d = active[k + 3]! * width;
    for (let j = 0; j < width; j++) {
      const two = fround(fround(current[to + j]! + rows[a + j]!) + rows[b + j]!);
      current[to + j] = fround(fround(two + rows[c + j]!) + rows[d + j]!);
    }
  }
  for (; k < end; k++) {
    const a = active[k]! * width;
    for (let j = 0; j < width; j++) current[to + j] = fround(current[to + j]! + rows[a + j]!);
  }
}

/** Adds `factor` times row `row` of `rows` [inputs, width] to `current` [width]. */
export function addScaledRow(
  current: Float32Array,
  rows: Float32Array,
  width: number,
  row: number,
  factor: number,
): void {
  const { fround } = Math;
  const a = row * width;
  const f = fround(factor);
  for (let j = 0; j < width; j++) current[j] = fround(current[j]! + fround(rows[a + j]! * f));
}

/**
 * One LIF step of `width` neurons (see neurons/lif.ts): reads u(n-1) at `membrane[previous ...]`, writes u(n) to
 * `membrane[next ...]` (the two may be the same place), and appends `first + j` to `active` for every neuron j that
 * fires. Returns the new number of entries in `active`.
 */
export function fireLif(
  membrane: Float32Array,
  previous: number,
  next: number,
  current: Float32Array,
  width: number,
  decay: number,
  threshold: number,
  active: Uint32Array,
  count: number,
  first: number,
): number {
  const { fround, abs } = Math;
  const keep = fround(decay);
  const limit = fround(threshold);
  for (let j = 0; j < width; j++) {
    const before = membrane[previous + j]!;
    let u = fround((before > limit ? 0 : fround(keep * before)) + current[j]!);
    if (abs(u) < smallestNormal) u = 0;
    membrane[next + j] = u;
    if (u > limit) active[count++] = first + j;
  }
  return count;
}
