import type { ActiveList, Rows } from './kernels.js';

/** `Kernels.products` in plain JavaScript. */
export function plainProducts(
  { weight, stride }: Rows,
  row: Float32Array,
  { index, count }: ActiveList,
  out: Float32Array,
): void {
  const { fround } = Math;
  const sums = new Float32Array(8);
  for (let k = 0; k < count; k++) {
    const at = index[k]! * stride;
    sums.fill(0);
    for (let j = 0; j < stride; j++) sums[j % 8] = fround(sums[j % 8]! + fround(weight[at + j]! * row[j]!));
    const four = [0, 1, 2, 3].map((lane) => fround(sums[lane]! + sums[lane + 4]!));
    out[index[k]!] = fround(fround(four[0]! + four[1]!) + fround(four[2]! + four[3]!));
  }
}
