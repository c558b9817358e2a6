import type { PipelineCounters, PipelineState } from '../inference/index.js';

export interface MovingPipeline {
  readonly state: PipelineState;
  readonly counters: PipelineCounters;
}

/** Whether one pipeline gets on with what it has to do. */
export class Progress {
  /** How far it had come when it last moved, or had nothing to do. */
  #count = Number.NaN;
  #atUs = 0;

  /**
   * Takes a look; returns for how long the pipeline has had something to do and got nowhere, in microseconds. To give way
   * to newer windows is to get nowhere. A pipeline without a model has nothing to do.
   */
  look({ state, counters }: MovingPipeline, isBusy: boolean, atUs: number): number {
    const { answered, updates, lost, failed, cut } = counters;
    const count = answered + updates + lost + failed + cut;
    if (state === 'running' && isBusy && count === this.#count) return atUs - this.#atUs;
    this.#count = count;
    this.#atUs = atUs;
    return 0;
  }
}
