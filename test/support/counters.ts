import type { PipelineCounters } from '../../runtime/inference/index.js';

/** Counters of a pipeline, all 0 but those that are named. */
export function pipelineCounters(change: Partial<PipelineCounters> = {}): PipelineCounters {
  return {
    ...{ windows: 0, answered: 0, updates: 0, late: 0, dropped: 0, lost: 0, failed: 0, cut: 0 },
    ...{ shedWindows: 0, shedUpdates: 0, shedShadow: 0, eventsUnserved: 0 },
    ...change,
  };
}
