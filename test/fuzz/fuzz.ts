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
