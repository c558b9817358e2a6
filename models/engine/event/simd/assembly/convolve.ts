/** Graph convolution. */
import { append, fire, fireTile, TILE, VECTOR } from './lif';

/**
 * Hop features [nodes, (hops + 1) * inputs] of a graph convolution from its active inputs (node * inputs + channel), see
 * `propagateHops` in graph/adjacency.ts. Returns the multiply-adds of spreading, and `outputs` for every feature that is
 * not zero.
 */
export function spread(
  nodes: u32,
  hops: u32,
  inputs: u32,
  outputs: u32,
  active: usize,
  count: u32,
  features: usize,
  start: usize,
  from: usize,
  weight: usize,
): u32 {
  const hopBytes = (<usize>inputs) << 2;
  const nodeBytes = hopBytes * (hops + 1);
  memory.fill(features, 0, nodeBytes * nodes);
  for (let k: u32 = 0; k < count; k++) {
    const at = load<u32>(active + ((<usize>k) << 2));
    store<f32>(features + nodeBytes * (at / inputs) + ((<usize>(at % inputs)) << 2), 1);
  }
  let operations: u32 = 0;
  let nonZero = count;
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
      for (let c: usize = 0; c < hopBytes; c += 4) nonZero += u32(load<f32>(target + c) !== 0);
      target += nodeBytes;
    }
  }
  return operations + nonZero * outputs;
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
