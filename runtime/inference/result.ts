import type { ClosedWindow } from '../window/index.js';
import type { Inference, LoadedModel } from './protocol.js';
import type { DropReason } from './window-service.js';

/** A window without its cells; one that is not closed yet has no reason for it. */
export type WindowFacts = Omit<ClosedWindow, 'cells' | 'reason'> & Partial<Pick<ClosedWindow, 'reason'>>;

/** Microseconds from one monotonic clock; the parts add up to the total. */
export interface Timings {
  /** From the arrival of the chunk that closed the window, or completed the bin, to the closed window or completed bin. */
  readonly ingestUs: number;
  /** In the queue, and on the way to the worker and back. */
  readonly waitUs: number;
  /** In the worker: cells to window, window to outcome, outcome to decision. */
  readonly encodeUs: number;
  readonly inferUs: number;
  readonly postUs: number;
  readonly totalUs: number;
}

/** The answer to a window, or to what there is of it so far. */
export interface PipelineResult extends Omit<Inference, 'durations'> {
  readonly pipeline: string;
  /** Sensors in the order of the channels. */
  readonly sensors: readonly string[];
  readonly window: WindowFacts;
  /** Bins that it is the answer to, zeros after them; of `model.input.bins`. */
  readonly bin: number;
  /** Whether the window is closed. */
  readonly final: boolean;
  readonly model: LoadedModel;
  readonly timings: Timings;
  /** Whether `timings.totalUs` is beyond the deadline. */
  readonly late: boolean;
  /** Windows of this pipeline that were dropped or shed since it started. */
  readonly dropped: number;
}

/** The answer of a model on trial to a whole window. */
export interface ShadowResult extends Omit<Inference, 'durations'> {
  readonly pipeline: string;
  readonly window: WindowFacts;
  readonly model: LoadedModel;
}

/**
 * A window that got no answer.
 *   newer, stopped, failed  see `DropReason`
 *   shed                    it gave way to a newer one, because the pipeline is overloaded (`ShedLevel` 3)
 *   refused                 the worker could not classify it
 *   lost                    it was with a worker that ended
 *   cut                     a sensor's clock restarted within it: half a window would give a false answer
 */
export interface PipelineLoss {
  readonly pipeline: string;
  readonly window: WindowFacts;
  readonly cause: DropReason | 'shed' | 'refused' | 'lost' | 'cut';
  /** In words; empty where the cause says it all. */
  readonly reason: string;
}

/** Timings of a window (or bin) that arrived, was closed and is answered at these times on the host's monotonic clock. */
export function timings(
  arrivedUs: number,
  closedUs: number,
  answeredUs: number,
  { encodeUs, inferUs, postUs }: Inference['durations'],
): Timings {
  const ingestUs = Math.max(0, closedUs - arrivedUs);
  const computeUs = encodeUs + inferUs + postUs;
  const waitUs = Math.max(0, answeredUs - closedUs - computeUs);
  return { ingestUs, waitUs, encodeUs, inferUs, postUs, totalUs: ingestUs + waitUs + computeUs };
}
