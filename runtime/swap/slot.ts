/** The place of one pipeline's models: which version is in which role. */
import { atMost } from '../at-most.js';
import type { Clock, Timer } from '../clock.js';
import type { LoadedModel, ModelSource, Pipeline, Prepared } from '../inference/index.js';
import { type VersionRef, versionName } from './manifest.js';
import { type Probation, RecentLabels } from './probation.js';

/** What changing models needs of a pipeline. */
export type SwapTarget = Pick<Pipeline, 'prepare' | 'serve' | 'isReady' | 'unload' | 'try' | 'model'>;

/** A version in a role. */
export interface Holder {
  readonly ref: VersionRef;
  /** What it is, once it has been loaded. */
  readonly model?: LoadedModel | undefined;
  /** While it is loaded and does not serve. */
  readonly prepared?: Prepared | undefined;
  /** In this role since, Unix time in microseconds. */
  readonly sinceUs: number;
}

/** A model that serves and is not committed yet. */
export interface Trial {
  readonly probation: Probation;
  /** The first window that it answers. */
  readonly first: number;
  /** Monotonic time at which it is committed. */
  readonly untilUs: number;
  readonly timer: Timer;
  /** What was the previous version before. */
  readonly older: Holder | undefined;
  /** What comes of it: it has passed, and is being written down; or it must go, and the version before is being loaded. */
  verdict: 'passed' | 'failed' | undefined;
}

/**
 * How a model serves.
 *   probation    it is taken back by itself if it does not do well
 *   committed    the next start begins with it
 *   uncommitted  the next start does not: it stands in for one that cannot serve, or could not be written down
 */
export type SlotState = 'probation' | 'committed' | 'uncommitted';

export interface SlotOptions {
  readonly pipeline: string;
  readonly target: SwapTarget;
  /** How the pipeline runs the model file at a path. */
  readonly source: (path: string) => ModelSource;
  readonly active?: VersionRef | undefined;
  readonly previous?: VersionRef | undefined;
  /** Digest of the version that the next start begins with, as far as known. */
  readonly written?: string | undefined;
  readonly nowUs: number;
}

export class Slot {
  readonly pipeline: string;
  readonly target: SwapTarget;
  readonly source: (path: string) => ModelSource;
  active: Holder | undefined;
  previous: Holder | undefined;
  shadow: Holder | undefined;
  trial: Trial | undefined;
  /** Labels that the model that serves has given lately. */
  labels = new RecentLabels();
  /** Digests of models that were taken back. */
  readonly bad = new Set<string>();
  /** Ends the time for which the previous model is kept loaded. */
  hold: Timer | undefined;
  /** Digest of the version that the next start begins with. */
  written: string | undefined;
  /** Tries again to write down what could not be. */
  retry: Timer | undefined;
  /** Of each model before that has windows to finish: when it has. */
  readonly #draining = new Set<Promise<void>>();

  constructor({ pipeline, target, source, active, previous, written, nowUs: sinceUs }: SlotOptions) {
    this.pipeline = pipeline;
    this.target = target;
    this.source = source;
    this.written = written;
    this.active = active === undefined ? undefined : { ref: active, model: target.model, sinceUs };
    this.previous = previous === undefined ? undefined : { ref: previous, sinceUs };
  }

  /** `<id>@<version>` of the model that serves. */
  get activeName(): string {
    return this.active === undefined ? 'none' : versionName(this.active.ref);
  }

  get state(): SlotState {
    if (this.trial !== undefined) return 'probation';
    return this.active?.ref.sha256 === this.written ? 'committed' : 'uncommitted';
  }

  /** Whether this very version answers windows now; one whose model has failed does not. */
  serves({ sha256 }: Pick<VersionRef, 'sha256'>): boolean {
    return this.active?.ref.sha256 === sha256 && this.target.model !== undefined;
  }

  /** The trial that goes on; one that has passed cannot be ended any more. */
  get openTrial(): Trial | undefined {
    return this.trial?.verdict === 'passed' ? undefined : this.trial;
  }

  /** The version before, if it can serve at once. */
  get loadedPrevious(): Holder | undefined {
    const { previous, target } = this;
    return previous?.prepared !== undefined && target.isReady(previous.prepared) ? previous : undefined;
  }

  /** Models before the one that serves that have windows to finish. */
  get draining(): number {
    return this.#draining.size;
  }

  /** Waits until one of these has answered its last window, `ms` at most. */
  async nextDrained(clock: Clock, ms: number): Promise<void> {
    await atMost(clock, ms, Promise.race(this.#draining));
  }

  /**
   * A loaded version serves from the next window on; the one that has served is the previous one, and stays loaded, unless
   * it is the same one again. Returns the first window of the new one.
   */
  follow(next: Holder, sinceUs: number): number {
    const { active, previous } = this;
    const { first, replaced } = this.#serve(next, sinceUs);
    if (active?.ref.sha256 === next.ref.sha256) return first;
    if (previous !== next) this.free(previous);
    this.previous = active === undefined ? undefined : { ...active, prepared: replaced, sinceUs };
    return first;
  }

  /** The version before serves again; the one on trial is freed, as if it had never been. Undefined: it is not loaded. */
  goBack({ older }: Trial, sinceUs: number): number | undefined {
    const previous = this.loadedPrevious;
    if (previous === undefined) return undefined;
    const { first, replaced } = this.#serve(previous, sinceUs);
    this.previous = older;
    if (replaced !== undefined) this.#unload(replaced);
    return first;
  }

  /** Pipelines and roles in which a version is: it must stay in the store. */
  rolesOf({ id, version }: Pick<VersionRef, 'id' | 'version'>): string[] {
    const { active, previous, shadow, trial } = this;
    const holders = { active, previous, shadow, 'previous before': trial?.older };
    return Object.entries(holders)
      .filter(([, holder]) => holder?.ref.id === id && holder.ref.version === version)
      .map(([role]) => `${role} in ${this.pipeline}`);
  }

  /** Gives the memory of a version back that is loaded and does not serve, as soon as its last window is answered. */
  free(holder: Holder | undefined): void {
    if (holder?.prepared === undefined) return;
    if (this.previous === holder) this.previous = { ...holder, prepared: undefined };
    this.#unload(holder.prepared);
  }

  #unload(prepared: Prepared): void {
    void Promise.all(this.#draining).then(() => this.target.unload(prepared));
  }

  #serve(next: Holder, sinceUs: number): { first: number; replaced: Prepared | undefined } {
    const { first, previous, drained } = this.target.serve(next.prepared!);
    this.active = { ...next, prepared: undefined, sinceUs };
    const ended = drained.then(() => {
      this.#draining.delete(ended);
    });
    this.#draining.add(ended);
    return { first, replaced: previous };
  }
}
