import type { Clock, Timer } from '../clock.js';
import type { Pipeline } from '../inference/index.js';
import type { Logger } from '../log/index.js';
import { waitingWindows } from './inputs.js';
import { isSustained, lookForOverload, NO_OVERLOAD, type OverloadState, overloadReason } from './overload.js';

/** A pipeline as the guard needs it. */
export type GuardedPipeline = Pick<Pipeline, 'counters' | 'mayShed' | 'shed'>;

export interface LoadGuardOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Pipelines by name, as they are at each look. */
  readonly pipelines: ReadonlyMap<string, GuardedPipeline>;
  /** What is told of overload has changed. */
  readonly onChange: () => void;
}

const LOOK_EVERY_MS = 1000;
/** A thread that stood still for longer than this has seen no more of the load than that. */
const LONGEST_LOOK_S = 2;

/** Looks once a second whether pipelines are overloaded, and has them leave out so much that they are not. */
export class LoadGuard {
  readonly #states = new Map<string, OverloadState>();
  #timer: Timer | undefined;
  #lookedUs = 0;
  #told = '';

  constructor(private readonly options: LoadGuardOptions) {}

  start(): void {
    const { clock } = this.options;
    this.#lookedUs = clock.monoUs();
    this.#timer = clock.setTimer(() => this.#look(), LOOK_EVERY_MS);
  }

  stop(): void {
    this.options.clock.clearTimer(this.#timer);
    this.#timer = undefined;
  }

  /** Overload that lasts, one line a pipeline. */
  get reasons(): string[] {
    return [...this.#states].flatMap(([name, state]) =>
      isSustained(state) ? [overloadReason(name, state.level)] : [],
    );
  }

  #look(): void {
    const { clock, pipelines, onChange } = this.options;
    this.#timer = clock.setTimer(() => this.#look(), LOOK_EVERY_MS);
    const nowUs = clock.monoUs();
    const elapsedS = Math.min(LONGEST_LOOK_S, (nowUs - this.#lookedUs) / 1e6);
    this.#lookedUs = nowUs;
    for (const name of this.#states.keys()) if (!pipelines.has(name)) this.#states.delete(name);
    for (const [name, pipeline] of pipelines) if (pipeline.mayShed) this.#guard(name, pipeline, elapsedS);
    const told = this.reasons.join('\n');
    if (told === this.#told) return;
    this.#told = told;
    onChange();
  }

  #guard(name: string, pipeline: GuardedPipeline, elapsedS: number): void {
    const { counters } = pipeline;
    const { answered, updates, late, dropped, shedWindows } = counters;
    const before = this.#states.get(name) ?? NO_OVERLOAD;
    const load = { answered, updates, late, dropped, shedWindows };
    const state = lookForOverload(before, load, waitingWindows(counters), elapsedS);
    this.#states.set(name, state);
    pipeline.shed(state.level);
    if (state.level > before.level)
      this.options.log.warn({ pipeline: name, level: state.level }, overloadReason(name, state.level));
    else if (state.level < before.level)
      this.options.log.info({ pipeline: name, level: state.level }, 'pipeline leaves out less again');
  }
}
