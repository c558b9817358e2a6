/** Whether pipelines still get anywhere: what the watchdog of the service manager is fed by. */
import { waitingWindows } from '../edge/inputs.js';
import type { PipelineCounters, PipelineState } from '../inference/index.js';

/**
 * Longer than everything that the runtime itself ends and mends: a window at a worker (10 s), the pause before a worker
 * is started again (10 s), loading its model (120 s). What stands still beyond that, only a new process helps.
 */
export const STUCK_AFTER_US = 150_000_000;

interface BeatingPipeline {
  readonly state: PipelineState;
  readonly counters: PipelineCounters;
}

export class Heartbeat {
  /** How far each pipeline had come when it last moved, or had nothing to do. */
  readonly #marks = new Map<string, { readonly progress: number; readonly atUs: number }>();

  /**
   * Takes a look; returns the pipelines that are stuck: windows have waited for `STUCK_AFTER_US` and not one has met an
   * end but that of giving way to newer ones. A pipeline without a model has no heartbeat and is not stuck.
   */
  look(pipelines: Iterable<readonly [string, BeatingPipeline]>, atUs: number): string[] {
    const stuck: string[] = [];
    for (const [name, { state, counters }] of pipelines) {
      const { answered, updates, lost, failed, cut } = counters;
      const progress = answered + updates + lost + failed + cut;
      const mark = this.#marks.get(name);
      const isIdle = state !== 'running' || waitingWindows(counters) === 0;
      if (mark === undefined || isIdle || mark.progress !== progress)
        this.#marks.set(name, { progress, atUs });
      else if (atUs - mark.atUs >= STUCK_AFTER_US) stuck.push(name);
    }
    return stuck;
  }
}
