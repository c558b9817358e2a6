import type { PipelineOptions } from './pipeline-options.js';
import type { WindowFacts } from './result.js';
import type { Prepared } from './serving.js';
import type { WindowJob, WindowLane, WindowService } from './window-service.js';

/** What became of the windows that a shadow was given: windows = answered + dropped + failed + waiting. */
export interface ShadowCounters {
  windows: number;
  answered: number;
  /** Gave way to newer ones, or came too late. */
  dropped: number;
  /** Refused, lost with a worker, or for a model that is there no more. */
  failed: number;
}

/**
 * A model on trial: it sees every whole window of a pipeline, at a worker and in a queue of its own, and what it says
 * goes elsewhere. It keeps one window waiting at most, so it is the first to miss some when there is too much to do.
 */
export class Shadow {
  readonly counters: ShadowCounters = { windows: 0, answered: 0, dropped: 0, failed: 0 };
  readonly #lane: WindowLane;
  #isLost = false;

  constructor(
    readonly prepared: Prepared,
    private readonly service: WindowService,
    private readonly options: Pick<PipelineOptions, 'name' | 'onShadow' | 'onShadowLost'>,
  ) {
    this.#lane = service.open(1, () => this.#check());
  }

  /** Takes a window; `cells` are its own. */
  take(window: WindowFacts, cells: Uint32Array<ArrayBuffer>): void {
    const { handle } = this.prepared;
    this.counters.windows++;
    const job: WindowJob = {
      handle,
      run: async (worker) => {
        const outcome = await worker.infer(handle, cells);
        return () => {
          this.counters[outcome.ok ? 'answered' : 'failed']++;
          if (!outcome.ok) return;
          const { durations: _, ...inference } = outcome.value;
          const { name: pipeline, onShadow } = this.options;
          onShadow?.({ ...inference, pipeline, window, model: this.prepared.model });
        };
      },
      dropped: (reason) => this.counters[reason === 'failed' ? 'failed' : 'dropped']++,
    };
    this.service.submit(this.#lane, job);
    this.#check();
  }

  /** Lets go what waits for a model that its worker could not bring back, which nobody else would. */
  #check(): void {
    const { handle } = this.prepared;
    const reason = this.service.failure(handle);
    if (reason === undefined) return;
    this.service.abandon(this.#lane, handle);
    if (this.#isLost) return;
    this.#isLost = true;
    this.options.onShadowLost?.(this.prepared, reason);
  }

  /** Ends it, and frees its model. */
  async close(): Promise<void> {
    await this.service.close(this.#lane, 'stopped');
    await this.service.unload(this.prepared.handle);
  }
}
