import type { DenseSpec } from './spec.js';

/** Dense layers between consecutive widths: [156, 32, 20] gives 156 -> 32 -> 20. */
export function denseLayers(widths: readonly number[]): DenseSpec[] {
  return widths.slice(1).map((outputs, i) => ({ kind: 'dense', inputs: widths[i]!, outputs }));
}
