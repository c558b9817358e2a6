/** What drills share: arguments that are numbers, and figures that must keep a promise. */
import assert from 'node:assert/strict';
import { UsageError } from './menu.js';

export type Figures = Readonly<Record<string, number>>;

/** A number above 0 from the command line. Throws `UsageError` with its name when it is none. */
export function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new UsageError(`${name}: '${text}' is no number above 0`);
  return value;
}

/** Throws with every promise that is broken, and all figures. `promises`: whether each, in words, was kept. */
export function assertKept(figures: Figures, promises: Readonly<Record<string, boolean>>): void {
  const broken = Object.keys(promises).filter((promise) => !promises[promise]);
  assert.deepEqual(broken, [], `broken: ${broken.join('; ')}. Figures: ${JSON.stringify(figures)}`);
}

/** With at most so many decimals. */
export function rounded(value: number, decimals = 0): number {
  return Number(value.toFixed(decimals));
}
