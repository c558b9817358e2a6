/** Something that is fed with random input; each file `test/fuzz/NAME.ts` exports one as `fuzz`. */
export interface FuzzTarget {
  readonly name: string;
  /** One line for the list of targets. */
  readonly about: string;
  /** Inputs of a full run. */
  readonly inputs: number;
  /** What was wrong with an input is thrown as a `FuzzFailure`; else resolves to the figures of the closing line. */
  run(options: FuzzOptions): Promise<Record<string, number>>;
}

export interface FuzzOptions {
  readonly inputs: number;
  /** Input i comes from seed + i alone, so that one input can be run again. */
  readonly seed: number;
  readonly progress: (done: number) => void;
}

/** An input that broke a promise: which, and how to make it again. */
export class FuzzFailure extends Error {
  override readonly name = 'FuzzFailure';

  constructor(what: string, seed: number, cause?: unknown) {
    super(`${what}; again with: 1 input, seed ${seed}`, cause === undefined ? undefined : { cause });
  }
}

/** Longest time that an input of a few kilobytes may take: a thousand times the usual. */
const patienceMs = 2000;
/** What takes longer is fed again. */
const suspectMs = 10;
const progressEvery = 100_000;

/**
 * Feeds the input of each seed. An input that is thrown at, takes too long, or leaves something behind in every object
 * is a `FuzzFailure`. `feed` may give a promise; it learns when it is fed the same once more, so that it can count once.
 */
export async function feedAll(
  { inputs, seed, progress }: FuzzOptions,
  feed: (seed: number, again: boolean) => unknown,
): Promise<{ readonly inputs: number; readonly slowest_ms: number }> {
  let slowestMs = 0;
  for (let i = 0; i < inputs; i++) {
    const first = await timed(() => feed(seed + i, false), seed + i);
    // The machine may have had something else to do: what seems slow is told by the faster of two runs.
    const ms = first < suspectMs ? first : Math.min(first, await timed(() => feed(seed + i, true), seed + i));
    if (ms > patienceMs) throw new FuzzFailure(`took ${ms} ms`, seed + i);
    slowestMs = Math.max(slowestMs, ms);
    if ((i + 1) % progressEvery === 0) progress(i + 1);
  }
  return { inputs, slowest_ms: Number(slowestMs.toFixed(2)) };
}

async function timed(feed: () => unknown, seed: number): Promise<number> {
  const started = performance.now();
  try {
    const fed = feed();
    if (fed instanceof Promise) await fed;
    for (const key in {}) throw new Error(`every object has a '${key}' now`);
  } catch (error) {
    throw new FuzzFailure((error as Error).message, seed, error);
  }
  return performance.now() - started;
}
