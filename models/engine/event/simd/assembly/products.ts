import { VECTOR } from './lif';

/** Inner products of one row with the rows named by `active`, for training; see ../../plain-products.ts. */
export function products(stride: u32, rows: usize, row: usize, active: usize, count: u32, out: usize): void {
  const rowBytes = (<usize>stride) << 2;
  const pairs = rowBytes - (rowBytes & VECTOR);
  for (let k: u32 = 0; k < count; k++) {
    const input = load<u32>(active + ((<usize>k) << 2));
    const other = rows + rowBytes * input;
    let a = f32x4.splat(0);
    let b = a;
    let at: usize = 0;
    for (; at < pairs; at += 2 * VECTOR) {
      a = f32x4.add(a, f32x4.mul(v128.load(other + at), v128.load(row + at)));
      b = f32x4.add(b, f32x4.mul(v128.load(other + at, 16), v128.load(row + at, 16)));
    }
    if (at < rowBytes) a = f32x4.add(a, f32x4.mul(v128.load(other + at), v128.load(row + at)));
    const four = f32x4.add(a, b);
    const left = f32x4.extract_lane(four, 0) + f32x4.extract_lane(four, 1);
    const right = f32x4.extract_lane(four, 2) + f32x4.extract_lane(four, 3);
    store<f32>(out + ((<usize>input) << 2), left + right);
  }
}
