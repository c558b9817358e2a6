/** When a pipeline has more to do than it can, and how much it is to leave out: from its counters, second by second. Pure. */
import type { ShedLevel } from '../inference/index.js';

/** What a pipeline has done since it started, as `PipelineCounters` has it. */
export interface Load {
  readonly answered: number;
  readonly updates: number;
  readonly late: number;
  readonly dropped: number;
  readonly shedWindows: number;
}

/** Share of late answers and dropped windows: too much from the first on, calm up to the second. */
export const TOO_MUCH = 0.2;
export const CALM = 0.05;
/** So many seconds of too much raise the level by one. */
export const RAISE_S = 3;
/** So many seconds of calm lower it by one; twice as many each time that it had to be raised again, up to the second. */
export const LOWER_S = 5;
export const LOWER_MOST_S = 60;
/** A level that has to be raised so soon after it was lowered was lowered in vain. */
export const RELAPSE_S = 15;
/** Levels above 0 for so long are sustained overload. */
export const SUSTAINED_S = 2;

export interface OverloadState {
  readonly level: ShedLevel;
  /** Seconds of too much, less those of calm, since the level has changed. */
  readonly badS: number;
  /** Seconds of calm in a row. */
  readonly calmS: number;
  /** Seconds of calm that lower the level. */
  readonly lowerS: number;
  /** Seconds since the level was lowered. */
  readonly loweredS: number;
  /** Seconds above level 0. */
  readonly overS: number;
  readonly before: Load | undefined;
}

export const NO_OVERLOAD: OverloadState = {
  level: 0,
  badS: 0,
  calmS: 0,
  lowerS: LOWER_S,
  loweredS: Number.POSITIVE_INFINITY,
  overS: 0,
  before: undefined,
};

/**
 * Takes a look.
 * @param waiting windows that wait for an answer now
 * @param elapsedS seconds since the look before
 */
export function lookForOverload(
  state: OverloadState,
  load: Load,
  waiting: number,
  elapsedS: number,
): OverloadState {
  const { level, lowerS } = state;
  const verdict = judge(state.before, load, waiting);
  const next = {
    ...state,
    before: load,
    badS: Math.max(0, state.badS + (verdict === 'bad' ? elapsedS : verdict === 'calm' ? -elapsedS : 0)),
    calmS: verdict === 'calm' ? state.calmS + elapsedS : 0,
    loweredS: state.loweredS + elapsedS,
    overS: level > 0 ? state.overS + elapsedS : 0,
  };
  if (next.badS >= RAISE_S && level < 3) {
    const relapse = next.loweredS < RELAPSE_S;
    return {
      ...next,
      level: (level + 1) as ShedLevel,
      lowerS: relapse ? Math.min(LOWER_MOST_S, 2 * lowerS) : level === 0 ? LOWER_S : lowerS,
      badS: 0,
    };
  }
  if (next.calmS >= lowerS && level > 0)
    return { ...next, level: (level - 1) as ShedLevel, calmS: 0, badS: 0, loweredS: 0 };
  return { ...next, badS: Math.min(RAISE_S, next.badS) };
}

/** Whether it is overloaded for long enough to be told. */
export function isSustained({ level, overS }: OverloadState): boolean {
  return level > 0 && overS >= SUSTAINED_S;
}

/** Nothing answered while windows wait says nothing. */
function judge(before: Load | undefined, now: Load, waiting: number): 'bad' | 'calm' | 'between' {
  if (before === undefined) return 'between';
  const grown = (key: keyof Load): number => Math.max(0, now[key] - before[key]);
  const gone = grown('dropped') + grown('shedWindows');
  const all = grown('answered') + grown('updates') + gone;
  if (all === 0) return waiting > 0 ? 'between' : 'calm';
  const share = (grown('late') + gone) / all;
  return share >= TOO_MUCH ? 'bad' : share <= CALM ? 'calm' : 'between';
}

const LEFT_OUT: readonly string[] = [
  'nothing yet',
  'models on trial',
  'models on trial and answers before the end of a window',
  'models on trial, answers before the end of a window, and all windows but the newest',
];

/** Why the edge is degraded, in words. */
export function overloadReason(pipeline: string, level: ShedLevel): string {
  return `pipeline ${pipeline} is overloaded and leaves out ${LEFT_OUT[level]}; use a faster engine, a smaller model, longer hops, more inference.workers, or a longer deadlineMs`;
}
