/** Spike-response neurons, see ../../srm/respond.ts for the same in plain JavaScript. */
import { append, TILE, VECTOR } from './lif';

/** Refractory responses, spikes and history of four neurons whose responses are summed up; returns which fire, one bit each. */
function fireSrm(
  before: usize,
  after: usize,
  response: v128,
  refractory: usize,
  taps: u32,
  limit: v128,
  membranes: usize,
): u32 {
  const zero = i32x4.splat(0);
  const spikes = v128.load(before);
  let u = response;
  if (v128.any_true(spikes)) {
    for (let k = taps - 1; k >= 1; k--) {
      const spiked = i32x4.ne(v128.and(spikes, i32x4.splat(1 << (k - 1))), zero);
      u = f32x4.add(u, v128.and(spiked, f32x4.splat(load<f32>(refractory + ((<usize>k) << 2)))));
    }
  }
  if (membranes) v128.store(membranes, u);
  // A lane that fires is all ones, which is -1.
  const fired = f32x4.ge(u, limit);
  const past = i32x4.splat((1 << (taps - 1)) - 1);
  v128.store(after, v128.and(i32x4.sub(i32x4.shl(spikes, 1), fired), past));
  return i32x4.bitmask(fired);
}

/**
 * Spike-response neurons of a layer at the steps `from` to `to`; currents are zero from step `until` on. Membranes are kept
 * unless their address is 0.
 */
export function respond(
  stride: u32,
  from: u32,
  to: u32,
  until: u32,
  response: usize,
  taps: u32,
  refractory: usize,
  refractoryTaps: u32,
  threshold: f32,
  currents: usize,
  history: usize,
  start: usize,
  index: usize,
  membranes: usize,
): void {
  const limit = f32x4.splat(threshold);
  const zero = f32x4.splat(0);
  const rowBytes = (<usize>stride) << 2;
  let count = load<u32>(start + ((<usize>from) << 2));
  for (let n = from; n < to; n++) {
    const nearest = n >= until ? n - until + 1 : 1;
    const farthest = min(taps - 1, n);
    const before = history + rowBytes * n;
    const after = before + rowBytes;
    const kept = membranes ? membranes + rowBytes * n : 0;
    let at: usize = 0;
    for (; at + TILE <= rowBytes; at += TILE) {
      const u = kept ? kept + at : 0;
      let a = zero;
      let b = zero;
      let c = zero;
      let d = zero;
      let e = zero;
      let f = zero;
      let g = zero;
      let h = zero;
      for (let k = nearest; k <= farthest; k++) {
        const tap = f32x4.splat(load<f32>(response + ((<usize>k) << 2)));
        const row = currents + rowBytes * (n - k) + at;
        a = f32x4.add(a, f32x4.mul(v128.load(row), tap));
        b = f32x4.add(b, f32x4.mul(v128.load(row, 16), tap));
        c = f32x4.add(c, f32x4.mul(v128.load(row, 32), tap));
        d = f32x4.add(d, f32x4.mul(v128.load(row, 48), tap));
        e = f32x4.add(e, f32x4.mul(v128.load(row, 64), tap));
        f = f32x4.add(f, f32x4.mul(v128.load(row, 80), tap));
        g = f32x4.add(g, f32x4.mul(v128.load(row, 96), tap));
        h = f32x4.add(h, f32x4.mul(v128.load(row, 112), tap));
      }
      let mask = fireSrm(before + at, after + at, a, refractory, refractoryTaps, limit, u ? u : 0);
      mask |=
        fireSrm(before + at + 16, after + at + 16, b, refractory, refractoryTaps, limit, u ? u + 16 : 0) << 4;
      mask |=
        fireSrm(before + at + 32, after + at + 32, c, refractory, refractoryTaps, limit, u ? u + 32 : 0) << 8;
      mask |=
        fireSrm(before + at + 48, after + at + 48, d, refractory, refractoryTaps, limit, u ? u + 48 : 0) <<
        12;
      mask |=
        fireSrm(before + at + 64, after + at + 64, e, refractory, refractoryTaps, limit, u ? u + 64 : 0) <<
        16;
      mask |=
        fireSrm(before + at + 80, after + at + 80, f, refractory, refractoryTaps, limit, u ? u + 80 : 0) <<
        20;
      mask |=
        fireSrm(before + at + 96, after + at + 96, g, refractory, refractoryTaps, limit, u ? u + 96 : 0) <<
        24;
      mask |=
        fireSrm(before + at + 112, after + at + 112, h, refractory, refractoryTaps, limit, u ? u + 112 : 0) <<
        28;
      count = append(index, count, <u32>(at >> 2), mask);
    }
    for (; at < rowBytes; at += VECTOR) {
      let u = zero;
      for (let k = nearest; k <= farthest; k++) {
        const tap = f32x4.splat(load<f32>(response + ((<usize>k) << 2)));
        u = f32x4.add(u, f32x4.mul(v128.load(currents + rowBytes * (n - k) + at), tap));
      }
      const mask = fireSrm(
        before + at,
        after + at,
        u,
        refractory,
        refractoryTaps,
        limit,
        kept ? kept + at : 0,
      );
      count = append(index, count, <u32>(at >> 2), mask);
    }
    store<u32>(start + ((<usize>n + 1) << 2), count);
  }
}
