/** When an answer is one to act on: at once when it is sure for long enough, at the end of the window at the latest. Pure. */

/** The test that an early answer must pass. */
export interface EarlyTest {
  /** Least confidence of a label, 0 to 1: one for all, or one a class; null: that class is never decided early. */
  readonly minConfidence: number | readonly (number | null)[];
  /** Least margin, 0 to 1. */
  readonly minMargin: number;
  /** Bins for which the same label must have passed without a break, from 1. */
  readonly holdBins: number;
}

/** What answers must pass, as it is when they come. */
export interface Tests {
  /** That of the model that answers; undefined: nothing is decided early. */
  readonly early: EarlyTest | undefined;
  /** Least confidence of the answer to a whole window, 0 to 1. */
  readonly minConfidence: number;
}

/** An answer to a window so far. */
export interface Observation {
  /** Number of the window; windows end in the order of their numbers. */
  readonly window: number;
  /** Bins that it is the answer to. */
  readonly bin: number;
  readonly final: boolean;
  readonly labelId: number;
  readonly confidence: number;
  readonly margin: number;
}

export interface Verdict {
  /** Whether this answer's label is the one to act on. */
  readonly decided: boolean;
  /** Why it has become so with this answer; undefined when nothing has changed. */
  readonly decision: 'threshold' | 'window_end' | undefined;
  /** Whether this answer contradicts what was decided in the same window before. */
  readonly revised: boolean;
}

/** What is known of a window under way. */
interface Progress {
  decided: number | undefined;
  /** Label that passes the test, and the bin at which it began to. */
  held: { readonly labelId: number; readonly since: number } | undefined;
}

/**
 * Decides windows early. Once decided, a label stays so, however unsure the network becomes, until another label passes
 * the same test: a decision does not flicker. Answers that contradict it meanwhile are marked and not decided.
 */
export class Decider {
  readonly #windows = new Map<number, Progress>();

  observe(answer: Observation, { early, minConfidence }: Tests): Verdict {
    const progress = this.#windows.get(answer.window) ?? { decided: undefined, held: undefined };
    this.#windows.set(answer.window, progress);
    if (answer.final) this.#forgetUpTo(answer.window);
    const before = progress.decided;
    const { labelId } = answer;
    const passed = answer.final
      ? answer.confidence >= minConfidence
      : early !== undefined && held(progress, answer, early);
    if (passed) progress.decided = labelId;
    const decided = progress.decided === labelId;
    const isNew = decided && before !== labelId;
    return {
      decided,
      decision: !isNew ? undefined : answer.final ? 'window_end' : 'threshold',
      revised: before !== undefined && before !== labelId,
    };
  }

  /** Windows before one that has ended have ended too, with or without an answer. */
  #forgetUpTo(window: number): void {
    for (const index of this.#windows.keys()) if (index <= window) this.#windows.delete(index);
  }
}

/** Whether the label has passed the early test for long enough, this answer included. */
function held(
  progress: Progress,
  { labelId, bin, confidence, margin }: Observation,
  early: EarlyTest,
): boolean {
  if (!(confidence >= leastConfidence(early, labelId) && margin >= early.minMargin)) {
    progress.held = undefined;
    return false;
  }
  if (progress.held?.labelId !== labelId) progress.held = { labelId, since: bin };
  return bin - progress.held.since + 1 >= early.holdBins;
}

function leastConfidence({ minConfidence }: EarlyTest, labelId: number): number {
  if (typeof minConfidence === 'number') return minConfidence;
  return minConfidence[labelId] ?? Number.POSITIVE_INFINITY;
}
