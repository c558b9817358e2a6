import type { InputSpec } from '../../models/index.js';
import type { WindowCounters } from './counters.js';
import { OnsetPolicy } from './onset.js';
import { SlidingPolicy } from './sliding.js';
import { TriggerPolicy } from './trigger.js';
import type { BinListener, Policy, WindowBody } from './window.js';

/** A window begins when touch begins. */
export interface OnsetSpec {
  readonly kind: 'onset';
  /** Touch begins when this many events (>= 1) fall within `intervalUs` (>= 0). */
  readonly thresholdEvents: number;
  readonly intervalUs: number;
  /** The window starts this long before the first of these events; preRollUs + intervalUs < window length. */
  readonly preRollUs: number;
  /**
   * When the next window may begin after one has ended.
   *   quiet    when fewer than `releaseEvents` events have fallen within `intervalUs`, without a break for `rearmUs`
   *   at-once  at the end of the window: a lasting contact gives one window after the other
   */
  readonly rearm: 'quiet' | 'at-once';
  /** 1 .. thresholdEvents; only for `quiet`, as `rearmUs` (>= 0). */
  readonly releaseEvents: number;
  readonly rearmUs: number;
}

/** A window every `hopUs`, aligned to multiples of it. */
export interface SlidingSpec {
  readonly kind: 'sliding';
  /** Whole microseconds, > 0. Below the window length windows overlap, above it there are gaps between them. */
  readonly hopUs: number;
  /** Whether windows without any event are emitted too. */
  readonly emitEmpty: boolean;
}

/** A window at an explicit call. */
export interface TriggerSpec {
  readonly kind: 'trigger';
  /** How far back (>= 0) a trigger may reach: the command may arrive after the touch that it is about. */
  readonly historyUs: number;
}

export type PolicySpec = OnsetSpec | SlidingSpec | TriggerSpec;

/** What every policy is built with. */
export interface PolicyContext {
  readonly input: InputSpec;
  readonly counters: WindowCounters;
  /** A gap in time longer than this is a leap, not a silence to be filled with empty windows. */
  readonly maxJumpUs: number;
  /** Takes each closed window. */
  readonly close: (body: WindowBody) => void;
  /** Told of the bins of open windows; absent: nobody wants to know, and nothing is done for it. */
  readonly bins?: BinListener;
}

/** Builds a policy. Throws RangeError, with the remedy, for a description that cannot work. */
export function createPolicy(spec: PolicySpec, context: PolicyContext): Policy {
  switch (spec.kind) {
    case 'onset':
      return new OnsetPolicy(spec, context);
    case 'sliding':
      return new SlidingPolicy(spec, context);
    case 'trigger':
      return new TriggerPolicy(spec, context);
  }
}
