/** The neurons, four lanes at a time. */

/** Bytes of a vector, and of a tile: eight vectors are what fits into the registers of x64 beside the constants. */
export const VECTOR: usize = 16;
export const TILE: usize = 128;

/** Smallest normal float32, see neurons/lif.ts. */
const SMALLEST_NORMAL: f32 = 1.1754943508222875e-38;

/** u(n) from u(n-1) and I(n) in four neurons. */
function lif(before: v128, current: v128, keep: v128, limit: v128): v128 {
  const kept = v128.andnot(f32x4.mul(keep, before), f32x4.gt(before, limit));
  const u = f32x4.add(kept, current);
  return v128.andnot(u, f32x4.lt(f32x4.abs(u), f32x4.splat(SMALLEST_NORMAL)));
}

/** Updates four neurons; returns which of them fire, one bit each. */
export function fire(membrane: usize, current: v128, keep: v128, limit: v128): u32 {
  const u = lif(v128.load(membrane), current, keep, limit);
  v128.store(membrane, u);
  return i32x4.bitmask(f32x4.gt(u, limit));
}

/** Updates the 32 neurons of a tile, appends those that fire to `active`, returns the new length. */
export function fireTile(
  membrane: usize,
  a: v128,
  b: v128,
  c: v128,
  d: v128,
  e: v128,
  f: v128,
  g: v128,
  h: v128,
  keep: v128,
  limit: v128,
  active: usize,
  count: u32,
  first: u32,
): u32 {
  let mask = fire(membrane, a, keep, limit);
  mask |= fire(membrane + 16, b, keep, limit) << 4;
  mask |= fire(membrane + 32, c, keep, limit) << 8;
  mask |= fire(membrane + 48, d, keep, limit) << 12;
  mask |= fire(membrane + 64, e, keep, limit) << 16;
  mask |= fire(membrane + 80, f, keep, limit) << 20;
  mask |= fire(membrane + 96, g, keep, limit) << 24;
  mask |= fire(membrane + 112, h, keep, limit) << 28;
  return append(active, count, first, mask);
}

/** Appends `first` + i for every bit i of `mask`. */
export function append(active: usize, count: u32, first: u32, mask: u32): u32 {
  while (mask !== 0) {
    store<u32>(active + ((<usize>count) << 2), first + ctz(mask));
    mask &= mask - 1;
    count++;
  }
  return count;
}
