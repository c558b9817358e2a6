/** Counters of a part, as messages and metrics name them. */

/**
 * One flat list of counters in snake_case; groups go in front of what is in them: `{ discarded: { crc: 3 } }` becomes
 * `{ discarded_crc: 3 }`. What is neither a number nor a group of numbers is left out.
 */
export function flatCounters(counters: object): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counters).flatMap(([name, value]: [string, unknown]): [string, number][] => {
      if (typeof value === 'number') return [[snake(name), value]];
      if (typeof value !== 'object' || value === null) return [];
      return Object.entries(flatCounters(value)).map(([inner, count]) => [`${snake(name)}_${inner}`, count]);
    }),
  );
}

/** The sums of counters with the same names. */
export function sumCounters(all: readonly object[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const counters of all)
    for (const [name, count] of Object.entries(flatCounters(counters)))
      sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/-/g, '_');
}
