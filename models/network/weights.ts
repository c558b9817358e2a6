/** A dense float32 tensor, row-major. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * Tensors by name: `<branch>.<layer>.weight` and `<branch>.<layer>.bias`, layers being `conv` (graph convolution,
 * weight [outputs, (hops+1) * inputs], feature index hop * inputs + input) and `fc1`, `fc2` ... (weight
 * [outputs, inputs]).
 */
export type Weights = ReadonlyMap<string, Tensor>;
