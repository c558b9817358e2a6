/** Watches models that have just taken over, and commits them or takes them back. */
import type { PipelineLoss, PipelineResult } from '../inference/index.js';
import { versionName } from './manifest.js';
import { Probation, RecentLabels, signOf } from './probation.js';
import type { Holder, Slot, Trial } from './slot.js';
import { type SwapperOptions, swapEvent } from './swap-rules.js';

export interface TrialsOptions extends Pick<SwapperOptions, 'rules' | 'clock' | 'onEvent' | 'onRoles'> {
  readonly slots: ReadonlyMap<string, Slot>;
  /** Writes down that the model that serves is the active one, upon which proof; never rejects. */
  readonly commit: (slot: Slot, proof?: string) => Promise<void>;
  /** Keeps the previous model loaded for a while from now on. */
  readonly hold: (slot: Slot) => void;
  /** Loads the version before again, as soon as no other change goes on, if the trial is not over by then. */
  readonly reload: (slot: Slot, trial: Trial) => Promise<unknown>;
}

export class Trials {
  #stopped = false;

  constructor(private readonly options: TrialsOptions) {}

  /** What is on probation is not committed any more, nor taken back. */
  stop(): void {
    this.#stopped = true;
    for (const { trial } of this.options.slots.values()) this.options.clock.clearTimer(trial?.timer);
  }

  /**
   * Begins the probation of the model that serves; without one it is committed at once.
   * @param first its first window
   * @param older what was the previous version before
   */
  async begin(slot: Slot, first: number, older: Holder | undefined): Promise<void> {
    const { clock, rules, onRoles } = this.options;
    const { probationS, maxWindowMs } = rules();
    const before = slot.labels;
    slot.labels = new RecentLabels();
    if (probationS === 0) {
      await this.options.commit(slot);
      return;
    }
    slot.trial = {
      probation: new Probation(maxWindowMs * 1000, before),
      ...{ first, older: older === undefined ? undefined : { ...older, prepared: undefined } },
      untilUs: clock.monoUs() + probationS * 1e6,
      timer: clock.setTimer(() => void this.#passed(slot), probationS * 1000),
      verdict: undefined,
    };
    this.#tell('model-switched', slot, `${slot.activeName} serves from window ${first} on, on probation`);
    onRoles(slot);
  }

  /** A pipeline has answered; whole windows tell how its model does. */
  answered(result: PipelineResult): void {
    const slot = result.final ? this.options.slots.get(result.pipeline) : undefined;
    if (slot === undefined) return;
    const { trial, labels } = slot;
    if (trial === undefined || result.window.index < trial.first) {
      labels.add(result.decision.labelId);
      return;
    }
    trial.probation.answered(signOf(result));
    this.#judge(slot);
  }

  /** A window of a pipeline got no answer. */
  missed({ pipeline, window, cause, reason }: PipelineLoss): void {
    const slot = this.options.slots.get(pipeline);
    if (slot?.trial === undefined || window.index < slot.trial.first) return;
    if (cause !== 'refused' && cause !== 'lost') return;
    slot.trial.probation.missed(cause, reason);
    this.#judge(slot);
  }

  /** The model of a pipeline is there no more. */
  failed(pipeline: string, reason: string): void {
    const slot = this.options.slots.get(pipeline);
    if (slot?.trial === undefined) return;
    slot.trial.probation.ended(reason);
    this.#judge(slot);
  }

  async #passed(slot: Slot): Promise<void> {
    if (slot.trial === undefined) return;
    slot.trial.verdict = 'passed';
    const { windows } = slot.trial.probation;
    await this.options.commit(slot, windows === 0 ? ', though no window came' : `, after ${windows} windows`);
    slot.trial = undefined;
    if (this.#stopped) return;
    this.options.hold(slot);
    this.options.onRoles(slot);
  }

  #judge(slot: Slot): void {
    const { trial, previous } = slot;
    if (trial?.probation.fault === undefined || trial.verdict !== undefined) return;
    trial.verdict = 'failed';
    this.options.clock.clearTimer(trial.timer);
    if (previous === undefined || slot.loadedPrevious !== undefined) {
      this.takeBack(slot, trial);
      return;
    }
    void this.options
      .reload(slot, trial)
      .catch(() => undefined) // what becomes of it without is said below
      .then(() => this.takeBack(slot, trial));
  }

  /**
   * Ends a trial: the version before serves again. A model with a fault is not tried again; one without is taken back by
   * command. Returns the first window of the version before; undefined: it is not loaded.
   */
  takeBack(slot: Slot, trial: Trial): number | undefined {
    const { clock, onRoles } = this.options;
    if (slot.trial !== trial || this.#stopped) return undefined;
    clock.clearTimer(trial.timer);
    slot.trial = undefined;
    slot.labels = new RecentLabels();
    const { active } = slot;
    const { fault } = trial.probation;
    if (fault !== undefined && active !== undefined) slot.bad.add(active.ref.sha256);
    const tried = slot.activeName;
    const first = slot.goBack(trial, clock.nowUs());
    const then =
      first === undefined ? whatNow(slot) : `${slot.activeName} serves again, from window ${first} on`;
    if (fault === undefined)
      this.#tell('model-rolled-back', slot, `${tried}: taken back by command; ${then}`);
    else this.#tell('swap-failed', slot, `${tried}: ${fault}; ${then}`);
    onRoles(slot);
    return first;
  }

  #tell(...event: Parameters<typeof swapEvent>): void {
    this.options.onEvent(swapEvent(...event));
  }
}

/** What becomes of a pipeline whose model was found bad, and that cannot go back. */
function whatNow({ previous, target }: Slot): string {
  const why =
    previous === undefined
      ? 'there is no version before it'
      : `${versionName(previous.ref)} cannot be loaded`;
  return target.model === undefined ? `no model serves, for ${why}` : `it goes on, for ${why}`;
}
