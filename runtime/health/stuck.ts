/** Which pipelines get nowhere any more: what the watchdog of the service manager is fed by. */
import { waitingWindows } from '../edge/inputs.js';
import { type MovingPipeline, Progress } from '../edge/progress.js';

/**
 * Longer than everything that the runtime itself ends and mends: a window at a worker (10 s), the pause before a worker
 * is started again (10 s), loading its model (120 s). What stands still beyond that, only a new process helps.
 */
export const STUCK_AFTER_US = 150_000_000;

export class StuckWatch {
  readonly #progress = new Map<string, Progress>();

  /** Takes a look; returns the pipelines that are stuck: windows have waited for `STUCK_AFTER_US` and none has met its end. */
  look(pipelines: Iterable<readonly [string, MovingPipeline]>, atUs: number): string[] {
    const stuck: string[] = [];
    for (const [name, pipeline] of pipelines) {
      const progress = this.#progress.get(name) ?? new Progress();
      this.#progress.set(name, progress);
      const isBusy = waitingWindows(pipeline.counters) > 0;
      if (progress.look(pipeline, isBusy, atUs) >= STUCK_AFTER_US) stuck.push(name);
    }
    return stuck;
  }
}
