/** The hot loops of the event engine: arrays in, arrays out; they know no network. Float32 at every operation. */
import { smallestNormal } from '../../neurons/lif.js';

/**
 * Adds to `current` [width] the rows of `rows` [inputs, width] named by the first `count` entries of `active`.
 * Four rows a pass, so that a current is loaded and stored once for four additions; the order of additions stays that
 * of `active`.
 */
export function addRows(
  current: Float32Array,
  rows: Float32Array,
  width: number,
  active: Uint32Array,
  count: number,
): void {
  const { fround } = Math;
  let k = 0;
  for (; k + 4 <= count; k += 4) {
    const a = active[k]! * width;
    const b = active[k + 1]! * width;
    const c = active[k + 2]! * width;
    const d = active[k + 3]! * width;
    for (let j = 0; j < width; j++) {
      current[j] = fround(
        fround(fround(fround(current[j]! + rows[a + j]!) + rows[b + j]!) + rows[c + j]!) + rows[d + j]!,
      );
    }
  }
  for (; k < count; k++) {
    const a = active[k]! * width;
    for (let j = 0; j < width; j++) current[j] = fround(current[j]! + rows[a + j]!);
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
