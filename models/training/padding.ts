import type { Rows } from '../engine/event/kernels.js';

/** What kernels keep in rows of `stride` floats, of which `outputs` mean something; training keeps it without the rest. */
type Padding = Pick<Rows, 'outputs' | 'stride'>;

/** Copies `length` values out of padded rows. */
export function unpad(
  to: Float32Array,
  at: number,
  from: Float32Array,
  { outputs, stride }: Padding,
  length: number,
): void {
  if (outputs === stride) {
    to.set(from.length === length ? from : from.subarray(0, length), at);
    return;
  }
  for (let row = 0; row * outputs < length; row++)
    for (let o = 0; o < outputs; o++) to[at + row * outputs + o] = from[row * stride + o]!;
}

/** Copies values into padded rows. */
export function pad(to: Float32Array, from: Float32Array, { outputs, stride }: Padding): void {
  if (outputs === stride) {
    to.set(from);
    return;
  }
  for (let row = 0; row * outputs < from.length; row++)
    for (let o = 0; o < outputs; o++) to[row * stride + o] = from[row * outputs + o]!;
}
