/** What a change of models is bound to, and what is told of it. */
import type { Clock } from '../clock.js';
import type { VersionRef } from './manifest.js';
import type { Slot } from './slot.js';
import type { StorePort } from './store-port.js';

export interface SwapRules {
  /** A model that takes longer to be loaded and to prove itself is refused, in seconds. */
  readonly loadLimitS: number;
  /** A model that takes longer for a window is refused, and taken back, in milliseconds. */
  readonly maxWindowMs: number;
  /** The model before is kept loaded for so long, in seconds; 0: it is freed at once. */
  readonly holdS: number;
  /** A model is watched for so long before it is committed, in seconds; 0: it is committed at once. */
  readonly probationS: number;
}

/** Something that has happened to the models of a pipeline. */
export interface SwapEvent {
  /**
   *   model-switched       another model serves, on probation
   *   model-committed      it is the active version, also for the next start
   *   model-not-committed  it serves, but that could not be written down
   *   model-rolled-back    the version before serves again, by command
   *   swap-failed          a model on probation was taken back
   *   shadow-lost          a model on trial beside the one that serves is there no more
   *   model-fallback       the active version could not be loaded at the start: the one before serves
   */
  readonly kind:
    | 'model-switched'
    | 'model-committed'
    | 'model-not-committed'
    | 'model-rolled-back'
    | 'swap-failed'
    | 'shadow-lost'
    | 'model-fallback';
  readonly pipeline: string;
  readonly message: string;
  readonly active: VersionRef | null;
  readonly previous: VersionRef | null;
}

export interface SwapperOptions {
  readonly store: StorePort;
  readonly rules: () => SwapRules;
  readonly clock: Clock;
  /** Told of what becomes of models. */
  readonly onEvent: (event: SwapEvent) => void;
  /** The roles of the models of a pipeline have changed. */
  readonly onRoles: (slot: Slot) => void;
}

/** What is told of a slot. */
export function swapEvent(kind: SwapEvent['kind'], slot: Slot, message: string): SwapEvent {
  const { pipeline, active, previous } = slot;
  return { kind, pipeline, message, active: active?.ref ?? null, previous: previous?.ref ?? null };
}
