/** Pieces of kernel source that every kernel computes with: float32 in every mode, additions in the order of the house. */
import { blockCount, sumBlock } from '../../network/summation.js';
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
 * The body of a kernel that sums a dense layer's inputs as network/summation.ts says: straight-line code, one piece a
 * block, then the tree over the blocks.
 * @param start what the first block begins with: the bias
 * @param addBlock source that adds the active inputs from `from` to `to` of block `block` to the variable `sum`
 */
export function blockwiseSum(
  inputs: number,
  start: string,
  { add }: Arithmetic,
  addBlock: (sum: string, block: number, from: number, to: number) => string,
): string {
  const lines: string[] = [];
  // Sums that wait for a neighbour of the same height: merging them like the digits of a binary counter gives the very
  // tree of summation.ts, and few are alive at a time.
  const waiting: { name: string; height: number }[] = [];
  const merge = (height: number): void => {
    const right = waiting.pop()!;
    const left = waiting.pop()!;
    const name = `${left.name}_${right.name}`;
    lines.push(`const ${name} = ${add(left.name, right.name)};`);
    waiting.push({ name, height });
  };
  for (let block = 0; block < blockCount(inputs); block++) {
    const name = `s${block}`;
    lines.push(`let ${name} = ${block === 0 ? start : '0.0'};`);
    lines.push(addBlock(name, block, block * sumBlock, Math.min(inputs, (block + 1) * sumBlock)));
    waiting.push({ name, height: 0 });
    while (waiting.length > 1 && waiting.at(-1)!.height === waiting.at(-2)!.height)
      merge(waiting.at(-1)!.height + 1);
  }
  while (waiting.length > 1) merge(waiting.at(-2)!.height);
  return [...lines, `return ${waiting[0]!.name};`].join('\n');
}
