/** What a pipeline is given, and what it says of itself. */
import type { PolicySpec } from '../window/index.js';
import type { ModelSource } from './protocol.js';
import type { PipelineLoss, PipelineResult, ShadowResult } from './result.js';
import type { Prepared } from './serving.js';

export interface PipelineOptions {
  readonly name: string;
  /** Names of the sensors, in the order of the channels; a sensor is called by its index in this list. */
  readonly sensors: readonly string[];
  /** Taxels of each sensor; when given, a model for another number is refused. */
  readonly taxels?: number;
  /** The model to begin with, or why there is none. */
  readonly model: ModelSource | { readonly missing: string };
  readonly policy: PolicySpec;
  /** Windows that may wait for a worker. */
  readonly queueLimit: number;
  /** Answers before the end of a window, every so many bins; 0: none; absent: as `planAnytime` finds best. */
  readonly everyBins?: number;
  /** The sensors are recordings, which wait: no answer is skipped, so that they are the same each time. */
  readonly everyAnswer?: boolean;
  /** Refuse a model that does not say when it may be believed before the end of a window. */
  readonly needsStopping?: boolean;
  /** Asked at the end of each window: count its spikes, operations and energy? Then its last answer is computed from the whole. */
  readonly countSpikes?: () => boolean;
  /** What an answer may take, in microseconds, as it is when the answer comes; absent: none is ever late. */
  readonly deadlineUs?: () => number;
  /** See `WindowerOptions`. */
  readonly maxLagUs?: number;
  readonly maxJumpUs?: number;
  /** Takes every answer, those before the end of a window too. */
  readonly onResult: (result: PipelineResult) => void;
  /** Takes what a model on trial answers. */
  readonly onShadow?: (result: ShadowResult) => void;
  /** A model on trial is there no more: its worker ended, and could not bring it back. */
  readonly onShadowLost?: (prepared: Prepared, reason: string) => void;
  readonly onLoss?: (loss: PipelineLoss) => void;
  readonly onState?: (state: PipelineState, reason: string) => void;
}

/**
 *   idle      not started
 *   loading   its model is being loaded
 *   running   events become results
 *   failed    it has no usable model; `reason` says why. Events are counted and dropped
 *   stopped   takes no more events
 */
export type PipelineState = 'idle' | 'loading' | 'running' | 'failed' | 'stopped';

/** What happened to the windows of a pipeline: windows = answered + dropped + shedWindows + lost + failed + cut + waiting. */
export interface PipelineCounters {
  /** Windows that closed. */
  windows: number;
  answered: number;
  /** Answers before the end of a window. */
  updates: number;
  /** Of `answered` and `updates`: those that took longer than the deadline. */
  late: number;
  /** Windows that gave way to newer ones, or were waiting when the pipeline stopped or failed. */
  dropped: number;
  /** Windows that gave way to newer ones at `ShedLevel` 3. */
  shedWindows: number;
  /** Answers before the end of a window that were due and not asked for, at `ShedLevel` 2 and above. */
  shedUpdates: number;
  /** Windows that a model on trial was not given, at `ShedLevel` 1 and above. */
  shedShadow: number;
  /** Windows that were with a worker when it ended. */
  lost: number;
  /** Windows that the worker refused or failed on. */
  failed: number;
  /** Windows cut by the restart of a sensor's clock; they are not classified. */
  cut: number;
  /** Events that came while there was no model. */
  eventsUnserved: number;
}
