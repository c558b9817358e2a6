/**
 * The hot loops of the event engine in AssemblyScript (TypeScript's road to WebAssembly), four float32 lanes at a time.
 * Each does what its namesake in ../../kernels.ts does, with the same additions in the same order; that file is the
 * one to read first. Lanes are neurons, never terms of a sum, so vectors change nothing in the order.
 *
 * Arguments of type `usize` are addresses of arrays in linear memory. Rows are `stride` floats apart, a multiple of 4;
 * the lanes beyond a layer's width hold zeros and never fire.
 */

/** Bytes of a vector, and of a tile: eight vectors are what fits into the registers of x64 beside the constants. */
const VECTOR: usize = 16;
const TILE: usize = 128;

/** Smallest normal float32, see neurons/lif.ts. */
const SMALLEST_NORMAL: f32 = 1.1754943508222875e-38;

/** u(n) from u(n-1) and I(n) in four neurons. */
function lif(before: v128, current: v128, keep: v128, limit: v128): v128 {
  const kept = v128.andnot(f32x4.mul(keep, before), f32x4.gt(before, limit));
  const u = f32x4.add(kept, current);
  return v128.andnot(u, f32x4.lt(f32x4.abs(u), f32x4.splat(SMALLEST_NORMAL)));
}

/** Updates four neurons; returns which of them fire, one bit each. */
function fire(membrane: usize, current: v128, keep: v128, limit: v128): u32 {
  const u = lif(v128.load(membrane), current, keep, limit);
  v128.store(membrane, u);
  return i32x4.bitmask(f32x4.gt(u, limit));
}

/** Updates the 32 neurons of a tile, appends those that fire to `active`, returns the new length. */
function fireTile(
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
function append(active: usize, count: u32, first: u32, mask: u32): u32 {
  while (mask !== 0) {
    store<u32>(active + ((<usize>count) << 2), first + ctz(mask));
    mask &= mask - 1;
    count++;
  }
  return count;
}

/**
 * Hop features of a graph convolution in place, see `propagateHops` in graph/adjacency.ts.
 * Returns the multiply-adds that were needed.
 */
export function spread(
  nodes: u32,
  hops: u32,
  inputs: u32,
  features: usize,
  start: usize,
  from: usize,
  weight: usize,
): u32 {
  const hopBytes = (<usize>inputs) << 2;
  const nodeBytes = hopBytes * (hops + 1);
  let operations: u32 = 0;
  for (let hop: u32 = 1; hop <= hops; hop++) {
    const source = features + hopBytes * (hop - 1);
    let target = features + hopBytes * hop;
    for (let j: u32 = 0; j < nodes; j++) {
      const end = load<u32>(start + ((<usize>j + 1) << 2));
      for (let e = load<u32>(start + ((<usize>j) << 2)); e < end; e++) {
        const x = source + <usize>load<u32>(from + ((<usize>e) << 2)) * nodeBytes;
        const w = load<f32>(weight + ((<usize>e) << 2));
        for (let c: usize = 0; c < hopBytes; c += 4) {
          const value = load<f32>(x + c);
          if (value === 0) continue;
          store<f32>(target + c, load<f32>(target + c) + w * value);
          operations++;
        }
      }
      target += nodeBytes;
    }
  }
  return operations;
}

/**
 * Currents and neurons of a graph convolution from its hop features [nodes, fanIn]: `nodes` groups of `outputs`
 * neurons, their membranes `stride` floats apart. Returns the number of spikes in `active`.
 */
export function convolve(
  nodes: u32,
  fanIn: u32,
  outputs: u32,
  stride: u32,
  features: usize,
  rows: usize,
  bias: usize,
  membrane: usize,
  decay: f32,
  threshold: f32,
  active: usize,
  first: u32,
): u32 {
  const keep = f32x4.splat(decay);
  const limit = f32x4.splat(threshold);
  const rowBytes = (<usize>stride) << 2;
  let count: u32 = 0;
  for (let node: u32 = 0; node < nodes; node++) {
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
      for (let i: u32 = 0; i < fanIn; i++) {
        const value = load<f32>(features + ((<usize>i) << 2));
        if (value === 0) continue;
        const x = f32x4.splat(value);
        const row = rows + rowBytes * i + at;
        a = f32x4.add(a, f32x4.mul(v128.load(row), x));
        b = f32x4.add(b, f32x4.mul(v128.load(row, 16), x));
        c = f32x4.add(c, f32x4.mul(v128.load(row, 32), x));
        d = f32x4.add(d, f32x4.mul(v128.load(row, 48), x));
        e = f32x4.add(e, f32x4.mul(v128.load(row, 64), x));
        f = f32x4.add(f, f32x4.mul(v128.load(row, 80), x));
        g = f32x4.add(g, f32x4.mul(v128.load(row, 96), x));
        h = f32x4.add(h, f32x4.mul(v128.load(row, 112), x));
      }
      count = fireTile(
        membrane + at,
        a,
        b,
        c,
        d,
        e,
        f,
        g,
        h,
        keep,
        limit,
        active,
        count,
        first + <u32>(at >> 2),
      );
    }
    for (; at < rowBytes; at += VECTOR) {
      let sum = v128.load(bias + at);
      for (let i: u32 = 0; i < fanIn; i++) {
        const value = load<f32>(features + ((<usize>i) << 2));
        if (value !== 0)
          sum = f32x4.add(sum, f32x4.mul(v128.load(rows + rowBytes * i + at), f32x4.splat(value)));
      }
      count = append(active, count, first + <u32>(at >> 2), fire(membrane + at, sum, keep, limit));
    }
    features += (<usize>fanIn) << 2;
    membrane += rowBytes;
    first += outputs;
  }
  return count;
}

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
