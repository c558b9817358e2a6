/** Dense layers. */
import { append, fire, fireTile, TILE, VECTOR } from './lif';

/**
 * Where the blocks of `size` inputs begin in an ascending list: `starts` gets blocks + 1 positions.
 */
function markBlocks(active: usize, count: u32, size: u32, blocks: u32, starts: usize): void {
  let k: u32 = 0;
  for (let block: u32 = 0; block < blocks; block++) {
    store<u32>(starts + ((<usize>block) << 2), k);
    const end = (block + 1) * size;
    while (k < count && load<u32>(active + ((<usize>k) << 2)) < end) k++;
  }
  store<u32>(starts + ((<usize>blocks) << 2), count);
}

/** Adds sum b to sum a for every pair of neighbours, until one is left; rows of `bytes` bytes at `pitch`. */
function addPairs(sums: usize, blocks: u32, pitch: usize, bytes: usize): void {
  for (let used = blocks; used > 1; used = (used + 1) >> 1) {
    for (let pair: u32 = 0; pair << 1 < used; pair++) {
      const to = sums + pitch * pair;
      const a = sums + pitch * (pair << 1);
      const b = (pair << 1) + 1 < used;
      for (let at: usize = 0; at < bytes; at += VECTOR) {
        const left = v128.load(a + at);
        v128.store(to + at, b ? f32x4.add(left, v128.load(a + pitch + at)) : left);
      }
    }
  }
}

/**
 * Currents and neurons of a dense layer: see `sumRows` and `fireLif`. `sums` is working memory for `blocks` tiles,
 * `starts` for `blocks` + 1 positions. Returns the number of spikes in `out`.
 */
export function dense(
  stride: u32,
  blockSize: u32,
  blocks: u32,
  rows: usize,
  bias: usize,
  membrane: usize,
  decay: f32,
  threshold: f32,
  active: usize,
  count: u32,
  sums: usize,
  starts: usize,
  out: usize,
): u32 {
  const keep = f32x4.splat(decay);
  const limit = f32x4.splat(threshold);
  const rowBytes = (<usize>stride) << 2;
  const zero = f32x4.splat(0);
  markBlocks(active, count, blockSize, blocks, starts);
  let spikes: u32 = 0;
  let at: usize = 0;
  for (; at + TILE <= rowBytes; at += TILE) {
    let a = v128.load(bias + at);
    let b = v128.load(bias + at, 16);
    let c = v128.load(bias + at, 32);
    let d = v128.load(bias + at, 48);
    let e = v128.load(bias + at, 64);
    let f = v128.load(bias + at, 80);
    let g = v128.load(bias + at, 96);
    let h = v128.load(bias + at, 112);
    for (let block: u32 = 0; block < blocks; block++) {
      const end = load<u32>(starts + ((<usize>block + 1) << 2));
      for (let k = load<u32>(starts + ((<usize>block) << 2)); k < end; k++) {
        const row = rows + rowBytes * load<u32>(active + ((<usize>k) << 2)) + at;
        a = f32x4.add(a, v128.load(row));
        b = f32x4.add(b, v128.load(row, 16));
        c = f32x4.add(c, v128.load(row, 32));
        d = f32x4.add(d, v128.load(row, 48));
        e = f32x4.add(e, v128.load(row, 64));
        f = f32x4.add(f, v128.load(row, 80));
        g = f32x4.add(g, v128.load(row, 96));
        h = f32x4.add(h, v128.load(row, 112));
      }
      if (blocks > 1) {
        const sum = sums + TILE * block;
        v128.store(sum, a);
        v128.store(sum, b, 16);
        v128.store(sum, c, 32);
        v128.store(sum, d, 48);
        v128.store(sum, e, 64);
        v128.store(sum, f, 80);
        v128.store(sum, g, 96);
        v128.store(sum, h, 112);
        a = b = c = d = e = f = g = h = zero;
      }
    }
    if (blocks > 1) {
      addPairs(sums, blocks, TILE, TILE);
      a = v128.load(sums);
      b = v128.load(sums, 16);
      c = v128.load(sums, 32);
      d = v128.load(sums, 48);
      e = v128.load(sums, 64);
      f = v128.load(sums, 80);
      g = v128.load(sums, 96);
      h = v128.load(sums, 112);
    }
    spikes = fireTile(membrane + at, a, b, c, d, e, f, g, h, keep, limit, out, spikes, <u32>(at >> 2));
  }
  for (; at < rowBytes; at += VECTOR) {
    let sum = v128.load(bias + at);
    for (let block: u32 = 0; block < blocks; block++) {
      const end = load<u32>(starts + ((<usize>block + 1) << 2));
      for (let k = load<u32>(starts + ((<usize>block) << 2)); k < end; k++) {
        sum = f32x4.add(sum, v128.load(rows + rowBytes * load<u32>(active + ((<usize>k) << 2)) + at));
      }
      if (blocks > 1) {
        v128.store(sums + TILE * block, sum);
        sum = zero;
      }
    }
    if (blocks > 1) {
      addPairs(sums, blocks, TILE, VECTOR);
      sum = v128.load(sums);
    }
    spikes = append(out, spikes, <u32>(at >> 2), fire(membrane + at, sum, keep, limit));
  }
  return spikes;
}
