/** The pieces of a dense layer, for streams. */
import { append, fire, TILE, VECTOR } from './lif';

/**
 * Sum of one block: `base` (the bias, or 0 for none) plus the rows named by entries `k` to `end` of `active`, into
 * `target`.
 */
export function sumBlock(
  stride: u32,
  rows: usize,
  base: usize,
  active: usize,
  k: u32,
  end: u32,
  target: usize,
): void {
  const rowBytes = (<usize>stride) << 2;
  const list = active + ((<usize>k) << 2);
  const listEnd = active + ((<usize>end) << 2);
  const zero = f32x4.splat(0);
  let at: usize = 0;
  for (; at + TILE <= rowBytes; at += TILE) {
    let a = base ? v128.load(base + at) : zero;
    let b = base ? v128.load(base + at, 16) : zero;
    let c = base ? v128.load(base + at, 32) : zero;
    let d = base ? v128.load(base + at, 48) : zero;
    let e = base ? v128.load(base + at, 64) : zero;
    let f = base ? v128.load(base + at, 80) : zero;
    let g = base ? v128.load(base + at, 96) : zero;
    let h = base ? v128.load(base + at, 112) : zero;
    for (let entry = list; entry < listEnd; entry += 4) {
      const row = rows + rowBytes * load<u32>(entry) + at;
      a = f32x4.add(a, v128.load(row));
      b = f32x4.add(b, v128.load(row, 16));
      c = f32x4.add(c, v128.load(row, 32));
      d = f32x4.add(d, v128.load(row, 48));
      e = f32x4.add(e, v128.load(row, 64));
      f = f32x4.add(f, v128.load(row, 80));
      g = f32x4.add(g, v128.load(row, 96));
      h = f32x4.add(h, v128.load(row, 112));
    }
    const to = target + at;
    v128.store(to, a);
    v128.store(to, b, 16);
    v128.store(to, c, 32);
    v128.store(to, d, 48);
    v128.store(to, e, 64);
    v128.store(to, f, 80);
    v128.store(to, g, 96);
    v128.store(to, h, 112);
  }
  for (; at < rowBytes; at += VECTOR) {
    let sum = base ? v128.load(base + at) : zero;
    for (let entry = list; entry < listEnd; entry += 4)
      sum = f32x4.add(sum, v128.load(rows + rowBytes * load<u32>(entry) + at));
    v128.store(target + at, sum);
  }
}

/** Sum of two rows of `stride` floats into a third. */
export function addPair(stride: u32, to: usize, a: usize, b: usize): void {
  const bytes = (<usize>stride) << 2;
  for (let at: usize = 0; at < bytes; at += VECTOR)
    v128.store(to + at, f32x4.add(v128.load(a + at), v128.load(b + at)));
}

/** Neurons of a layer from their currents; returns the number of spikes in `out`. */
export function fireLayer(
  stride: u32,
  current: usize,
  membrane: usize,
  decay: f32,
  threshold: f32,
  out: usize,
): u32 {
  const keep = f32x4.splat(decay);
  const limit = f32x4.splat(threshold);
  const bytes = (<usize>stride) << 2;
  let count: u32 = 0;
  for (let at: usize = 0; at < bytes; at += VECTOR) {
    count = append(out, count, <u32>(at >> 2), fire(membrane + at, v128.load(current + at), keep, limit));
  }
  return count;
}
