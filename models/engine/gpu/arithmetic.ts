/** Pieces of kernel source that every kernel computes with: float32 in every mode, additions in the order of the house. */
import { blockCount } from '../../network/summation.js';
import type { GpuMode } from './modes.js';

/** Expressions for the operations of float32. */
export interface Arithmetic {
  add(a: string, b: string): string;
  multiply(a: string, b: string): string;
}

/**
 * How a mode must be told to compute in float32. `cpu` computes in float64 and has to round. Real GPUs may contract
 * a * b + c into one operation that rounds once, so the product goes through a minimum that changes no value but stands
 * between the two.
 */
export function arithmeticOf(mode: GpuMode): Arithmetic {
  switch (mode) {
    case 'cpu':
      return {
        add: (a, b) => `Math.fround(${a} + ${b})`,
        multiply: (a, b) => `Math.fround(${a} * ${b})`,
      };
    case 'webasm':
    case 'webasm-threaded':
      return { add: (a, b) => `(${a} + ${b})`, multiply: (a, b) => `(${a} * ${b})` };
    default:
      return { add: (a, b) => `(${a} + ${b})`, multiply: (a, b) => `Math.min(${a} * ${b}, 3.0e38)` };
  }
}

/** A number as source: a float literal with all digits of its float32. */
export function literal(value: number): string {
  const text = String(Math.fround(value));
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/**
 * The body of a kernel that sums a dense layer's inputs as network/summation.ts says: a loop over the blocks, whose sums
 * are added pairwise as they come. Sums that wait for a neighbour are kept by height, like the digits of a binary
 * counter: a second one of the same height is added to the first and carried up. (Graphics compilers take minutes over
 * straight-line code for all blocks.)
 * @param start what the first block begins with: the bias
 * @param addBlock source that adds the active inputs of block `b` to the variable `sum`
 */
export function blockwiseSum(inputs: number, start: string, { add }: Arithmetic, addBlock: string): string {
  const blocks = blockCount(inputs);
  if (blocks === 1) return `const b = 0; let sum = ${start}; ${addBlock} return sum;`;
  const heights = Array.from({ length: Math.floor(Math.log2(blocks)) + 1 }, (_, height) => height);
  const carry = heights.reduceRight(
    (above, h) =>
      `if (full${h} < 0.5) { full${h} = 1.0; wait${h} = sum; }
       else { full${h} = 0.0; sum = ${add(`wait${h}`, 'sum')}; ${above} }`,
    '',
  );
  // What is left are the binary digits of the number of blocks; the lower ones, which came later, go up as they are.
  const left = heights.filter((h) => (blocks >> h) % 2 === 1).map((h) => `wait${h}`);
  const total = left.reduce((sum, higher) => add(higher, sum));
  return `${heights.map((h) => `let wait${h} = 0.0; let full${h} = 0.0;`).join(' ')}
    for (let b = 0; b < ${blocks}; b += 1) {
      let sum = 0.0;
      if (b < 1) { sum = ${start}; }
      ${addBlock}
      ${carry}
    }
    return ${total};`;
}
