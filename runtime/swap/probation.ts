/** Whether a model that has just taken over does its work: what is seen of it, and when that is enough to take it back. Pure. */

import type { PipelineResult } from '../inference/index.js';

/** Windows without an answer that a model may have: one that is refused is its fault, one that is lost may be chance. */
const mostRefused = 0;
const mostLost = 1;
/** Slow windows: more than a hundredth of all, and so many at least. */
const fewestSlow = 3;
/** Touched windows in a row upon which no output neuron has spiked. */
const mostSilent = 20;
/** Windows in a row with the same label, where the model before has given `fewestLabels` in as many. */
const mostAlike = 100;
const fewestLabels = 3;

/** An answer to a whole window, as far as it tells of the model's health. */
export interface Sign {
  readonly labelId: number;
  /** Events in the window. */
  readonly events: number;
  /** Output spikes of all classes. */
  readonly spikes: number;
  /** Time that the network took. */
  readonly inferUs: number;
}

export function signOf({ window, decision, counts, timings }: PipelineResult): Sign {
  let spikes = 0;
  for (const branch of Object.values(counts)) for (const count of branch) spikes += count;
  return { labelId: decision.labelId, events: window.events, spikes, inferUs: timings.inferUs };
}

/** The labels that a model has given lately. */
export class RecentLabels {
  readonly #labels: number[] = [];

  add(labelId: number): void {
    this.#labels.push(labelId);
    if (this.#labels.length > mostAlike) this.#labels.shift();
  }

  get kinds(): number {
    return new Set(this.#labels).size;
  }

  /** Whether the last hundred were all the same. */
  get areAlike(): boolean {
    return this.#labels.length >= mostAlike && this.kinds === 1;
  }
}

export class Probation {
  readonly #labels = new RecentLabels();
  #windows = 0;
  #refused = 0;
  #lost = 0;
  #slow = 0;
  #silent = 0;
  #fault: string | undefined;

  /**
   * @param maxWindowUs time that a window may take the network
   * @param before labels of the model before
   */
  constructor(
    private readonly maxWindowUs: number,
    private readonly before: RecentLabels,
  ) {}

  /** Windows that it has answered. */
  get windows(): number {
    return this.#windows;
  }

  /** Why the model must go; undefined while nothing speaks against it. */
  get fault(): string | undefined {
    return this.#fault;
  }

  answered({ labelId, events, spikes, inferUs }: Sign): void {
    this.#windows++;
    this.#labels.add(labelId);
    if (inferUs > this.maxWindowUs) this.#slow++;
    if (spikes > 0) this.#silent = 0;
    else if (events > 0) this.#silent++;
    if (this.#slow >= fewestSlow && this.#slow > this.#windows / 100)
      this.#find(`${this.#slow} of ${this.#windows} windows took more than ${this.maxWindowUs / 1000} ms`);
    if (this.#silent >= mostSilent)
      this.#find(`no output neuron spiked upon ${mostSilent} touched windows in a row`);
    if (this.#labels.areAlike && this.before.kinds >= fewestLabels)
      this.#find(
        `the last ${mostAlike} windows all had the same label, where the model before gave ${this.before.kinds}`,
      );
  }

  /** A window got no answer: the network refused it, or it was lost with its worker. */
  missed(cause: 'refused' | 'lost', reason: string): void {
    if (cause === 'refused' && ++this.#refused > mostRefused)
      this.#find(`a window could not be classified: ${reason}`);
    if (cause === 'lost' && ++this.#lost > mostLost)
      this.#find(`${this.#lost} windows were lost with their worker: ${reason}`);
  }

  /** The model is there no more. */
  ended(reason: string): void {
    this.#find(reason);
  }

  #find(fault: string): void {
    this.#fault ??= fault;
  }
}
