import type { InputSpec } from '../../models/index.js';
import type { OpenWindow } from '../window/index.js';
import { Anytime, type AnytimePlan, type ClosedUnderWay, type Update } from './anytime.js';
import { EveryStep } from './every-step.js';
import type { PipelineOptions } from './pipeline-options.js';
import type { LoadedModel } from './protocol.js';
import type { Job } from './window-service.js';

/** A model that is loaded and fits a pipeline, in service or not. */
export interface Prepared {
  readonly handle: number;
  readonly model: LoadedModel;
  /** How it answers before the end of a window. */
  readonly plan: AnytimePlan;
}

/** Why a model does not fit a pipeline. */
export interface Misfit {
  /**
   *   wrong_shape   it is for other taxels or channels
   *   other_window  its windows have another length or other bins than those of the pipeline
   *   no_stopping   the pipeline decides by the stopping rule of the model, and it has none
   *   bad_window    the window policy cannot give windows of this length
   */
  readonly code: 'wrong_shape' | 'other_window' | 'no_stopping' | 'bad_window';
  readonly reason: string;
}

/**
 * Why a model cannot serve a pipeline; undefined when it can.
 * @param running shape of the windows that the pipeline makes already
 */
export function whyNotFit(
  { id, input, stopping }: Pick<LoadedModel, 'id' | 'input' | 'stopping'>,
  { sensors, taxels, needsStopping }: Pick<PipelineOptions, 'sensors' | 'taxels' | 'needsStopping'>,
  running: InputSpec | undefined,
): Misfit | undefined {
  if (taxels !== undefined && taxels !== input.taxels)
    return {
      code: 'wrong_shape',
      reason: `model ${id} is for ${input.taxels} taxels, the sensors have ${taxels}`,
    };
  if (input.channels !== 2 * sensors.length)
    return {
      code: 'wrong_shape',
      reason: `model ${id} has ${input.channels} channels, ${sensors.length} sensors give ${2 * sensors.length}: name as many sensors as fingers`,
    };
  if (needsStopping && stopping === undefined)
    return {
      code: 'no_stopping',
      reason: `model ${id} has no stopping rule, which anytime.decideBy: model needs; add one with whorl eval --anytime --target-error 0.05 --save-stopping FILE, or set anytime.decideBy to fixed`,
    };
  if (running !== undefined && (running.bins !== input.bins || running.binUs !== input.binUs))
    return {
      code: 'other_window',
      reason: `model ${id} has windows of ${inWords(input)}, the pipeline makes windows of ${inWords(running)}`,
    };
  return undefined;
}

function inWords({ bins, binUs }: InputSpec): string {
  return `${bins} bins of ${binUs / 1000} ms`;
}

/** What became of a model that was to be made ready for a pipeline. */
export type Preparation =
  | { readonly ok: true; readonly prepared: Prepared }
  | { readonly ok: false; readonly code: Misfit['code'] | 'not_loaded'; readonly reason: string };

/** A change of models. */
export interface Switch {
  /** The first window that the new model answers; those that have begun are the old one's. */
  readonly first: number;
  /** The model before, to be freed by the caller; undefined: there was none. */
  readonly previous: Prepared | undefined;
  /** Resolves when the model before has answered its last window. */
  readonly drained: Promise<void>;
}

export interface ServingOptions {
  readonly everyAnswer: boolean;
  readonly mayAsk: () => boolean;
  readonly onUpdate: (model: LoadedModel, update: Update) => void;
  readonly onMore: (job: Job) => void;
}

/**
 * A model in the service of a pipeline: it answers the windows that begin from number `first` on, until another model
 * takes over, and then what it has begun. Nothing of a window passes from one model to the next.
 */
export class Serving {
  readonly #underWay: Anytime | EveryStep | undefined;
  /** Windows that have closed and have not met their end yet. */
  #waiting = 0;
  /** The first window that is not its own any more. */
  #until = Number.POSITIVE_INFINITY;
  #closedUpTo = 0;
  #onDrained: (() => void) | undefined;

  constructor(
    readonly prepared: Prepared,
    readonly first: number,
    options: ServingOptions,
  ) {
    const { plan, model } = prepared;
    if (!plan.on) return;
    this.#underWay = new (options.everyAnswer ? EveryStep : Anytime)({
      ...prepared,
      plan,
      onUpdate: (update) => options.onUpdate(model, update),
      onMore: options.onMore,
      mayAsk: options.mayAsk,
    });
  }

  /** Another model serves from window `until` on. Resolves when all windows before have met their end. */
  leave(until: number): Promise<void> {
    this.#until = until;
    return new Promise((resolve) => {
      this.#onDrained = resolve;
      this.#check();
    });
  }

  told(window: OpenWindow, arrivedUs: number, completedUs: number): void {
    this.#underWay?.told(window, arrivedUs, completedUs);
  }

  late(index: number, bin: number, cell: number): void {
    this.#underWay?.late(index, bin, cell);
  }

  takeDue(): Iterable<Job> {
    return this.#underWay?.takeDue() ?? [];
  }

  /** A window of this model has closed; `settled` is to be called for it. */
  close(index: number): ClosedUnderWay | undefined {
    this.#waiting++;
    this.#closedUpTo = index + 1;
    return this.#underWay?.close(index);
  }

  /** A closed window has met its end. */
  settled(): void {
    this.#waiting--;
    this.#check();
  }

  /** Windows up to here have closed: this model's too, were there any. */
  passed(index: number): void {
    this.#closedUpTo = Math.max(this.#closedUpTo, index);
    this.#check();
  }

  #check(): void {
    if (this.#waiting === 0 && this.#closedUpTo >= this.#until) this.#onDrained?.();
  }
}
