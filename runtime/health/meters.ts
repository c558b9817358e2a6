/** What is measured between two health messages: latencies of each pipeline, and how late the main thread is. */
import {
  createHistogram,
  type IntervalHistogram,
  monitorEventLoopDelay,
  type RecordableHistogram,
} from 'node:perf_hooks';
import type { PipelineResult } from '../inference/index.js';
import type { HealthBody } from '../publish/index.js';

type Percentiles = HealthBody['event_loop'];

/** The timer that measures the main thread, milliseconds; what it fires later than that is delay. */
const RESOLUTION_MS = 10;

/** Histograms of a fixed size each (three digits), so that memory does not grow with what is measured. */
export class Meters {
  readonly #latencies = new Map<string, { total: RecordableHistogram; infer: RecordableHistogram }>();
  readonly #loop: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  start(): void {
    this.#loop.enable();
  }

  stop(): void {
    this.#loop.disable();
  }

  answered({ pipeline, timings }: Pick<PipelineResult, 'pipeline' | 'timings'>): void {
    const histograms = this.#of(pipeline);
    histograms.total.record(wholeUs(timings.totalUs));
    histograms.infer.record(wholeUs(timings.inferUs));
  }

  /** Of a pipeline since the last `reset`, microseconds: all the way to the answer, and the network alone. */
  latencies(pipeline: string): { readonly latency_us: Percentiles; readonly infer_us: Percentiles } {
    const { total, infer } = this.#of(pipeline);
    return { latency_us: percentiles(total, 1, 0), infer_us: percentiles(infer, 1, 0) };
  }

  /** How late timers were since the last `reset`, microseconds. */
  get eventLoop(): Percentiles {
    return percentiles(this.#loop, 1000, RESOLUTION_MS * 1000);
  }

  /** Begins a new period. */
  reset(): void {
    this.#loop.reset();
    for (const { total, infer } of this.#latencies.values()) {
      total.reset();
      infer.reset();
    }
  }

  #of(pipeline: string): { total: RecordableHistogram; infer: RecordableHistogram } {
    const known = this.#latencies.get(pipeline);
    if (known !== undefined) return known;
    const made = { total: createHistogram(), infer: createHistogram() };
    this.#latencies.set(pipeline, made);
    return made;
  }
}

/** A histogram takes whole numbers from 1. */
function wholeUs(us: number): number {
  return Math.max(1, Math.round(us));
}

/** @param unit of the histogram in a microsecond @param lessUs what is taken off each figure, down to 0 */
function percentiles(
  histogram: RecordableHistogram | IntervalHistogram,
  unit: number,
  lessUs: number,
): Percentiles {
  const { count } = histogram;
  const figure = (value: number): number =>
    count === 0 ? 0 : Math.max(0, Math.round(value / unit) - lessUs);
  return {
    count,
    p50: figure(histogram.percentile(50)),
    p95: figure(histogram.percentile(95)),
    p99: figure(histogram.percentile(99)),
    max: figure(histogram.max),
  };
}
