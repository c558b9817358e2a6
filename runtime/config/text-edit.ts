/** Edits of the text of a YAML file, and where in it an entry stands. Pure. */
import { isMap, type Pair } from 'yaml';

/** A piece of a text, from one offset up to another, and what takes its place. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Carries out edits that do not overlap, given in any order. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  return [...edits]
    .sort((a, b) => b.from - a.from)
    .reduce((result, { from, to, text: piece }) => result.slice(0, from) + piece + result.slice(to), text);
}

/** Where the key of an entry begins. */
export function startOf({ key }: Pair): number | undefined {
  return rangeOf(key)?.[0];
}

/** Where the value of an entry ends; within a block, where its last entry does. */
export function endOf({ key, value }: Pair): number | undefined {
  if (isMap(value) && value.flow !== true && value.items.length > 0) return endOf(value.items.at(-1) as Pair);
  return (rangeOf(value) ?? rangeOf(key))?.[1];
}

function rangeOf(node: unknown): readonly [start: number, end: number] | undefined {
  const range = (node as { range?: readonly [number, number, number] | null } | null)?.range;
  return range ? [range[0], range[1]] : undefined;
}
