/** Changes the models of running pipelines: one change at a time, and back again by itself when it was a bad one. */
import type { PipelineLoss, PipelineResult } from '../inference/index.js';
import { type ActivateOptions, type Activation, activationOf, checkLabels } from './activation.js';
import { loadCandidate } from './candidate.js';
import { type VersionRef, versionName } from './manifest.js';
import { Probation, RecentLabels, signOf } from './probation.js';
import { Refusal } from './refusal.js';
import type { Holder, Slot } from './slot.js';
import type { SwapEvent, SwapperOptions } from './swap-rules.js';

/** Models that may have a window to finish at the same time: a sensor that is gone leaves one open. */
const mostDraining = 2;
/** Another change waits so long for one of them. */
const longestDrainMs = 5000;

export class Swapper {
  readonly #slots = new Map<string, Slot>();
  /** What is going on, in words, and what comes of it. */
  #working: { readonly what: string; readonly outcome: Promise<unknown> } | undefined;

  #stopped = false;

  constructor(private readonly options: SwapperOptions) {}

  get slots(): ReadonlyMap<string, Slot> {
    return this.#slots;
  }

  add(slot: Slot): void {
    this.#slots.set(slot.pipeline, slot);
  }

  /** Waits for nothing any more: what is on probation is not committed. */
  stop(): void {
    this.#stopped = true;
    for (const { trial, hold } of this.#slots.values())
      for (const timer of [trial?.timer, hold]) this.options.clock.clearTimer(timer);
  }

  /**
   * Has a version of the store serve a pipeline: verified, loaded and tested beside the one that serves, then taken into
   * service between two windows, tried, and committed. Resolves when it serves. Throws `Refusal`; then nothing has changed.
   */
  activate(
    pipeline: string,
    name: string,
    { otherLabels = false }: ActivateOptions = {},
  ): Promise<Activation> {
    const what = `${name} is being activated for ${pipeline}${otherLabels ? ', whatever its labels' : ''}`;
    return this.#alone(what, async () => {
      const slot = this.#slot(pipeline);
      const { manifest, path } = await this.options.store.verify(name);
      if (slot.active?.ref.sha256 === manifest.sha256) return activationOf(slot);
      await this.#settle(slot);
      if (slot.bad.has(manifest.sha256))
        throw new Refusal('known_bad', `${name} has been tried for ${pipeline}`);
      if (!otherLabels) checkLabels(name, manifest.labels, slot);
      const older = slot.previous;
      const first = this.#switch(slot, await this.#ready(slot, manifest, path));
      await this.#try(slot, first, older);
      return activationOf(slot, first);
    });
  }

  /**
   * Back to the version before, which is still loaded for a while. On probation this ends the trial; otherwise it is
   * written down at once. Throws `Refusal`: no_previous, busy, and those of a model that must be loaded again.
   */
  rollback(pipeline: string): Promise<Activation> {
    return this.#alone(`${pipeline} is being rolled back`, async () => {
      const slot = this.#slot(pipeline);
      const { previous, trial } = slot;
      if (previous === undefined)
        throw new Refusal('no_previous', `pipeline ${pipeline} has no version before`);
      if (trial !== undefined && !trial.committing)
        return activationOf(slot, this.#takeBack(slot, 'taken back by command', false));
      await this.#settle(slot);
      const { path } = await this.options.store.verify(versionName(previous.ref));
      const first = this.#switch(slot, await this.#ready(slot, previous.ref, path));
      const write = (): Promise<unknown> => this.options.store.rollback(pipeline);
      await this.#write(slot, write, 'model-rolled-back', 'serves again, by command');
      return activationOf(slot, first);
    });
  }

  /** At the start: the active version could not be loaded, so the one before serves. It is not written down. */
  async fallBack(pipeline: string, reason: string): Promise<void> {
    while (this.#working !== undefined) await this.#working.outcome.catch(() => undefined); // other pipelines may as well
    return this.#alone(`${pipeline} falls back`, async () => {
      const slot = this.#slot(pipeline);
      const { previous, activeName } = slot;
      if (previous === undefined) throw new Refusal('no_previous', `${activeName}: ${reason}`);
      const { path } = await this.options.store.verify(versionName(previous.ref));
      this.#switch(slot, await this.#ready(slot, previous.ref, path));
      slot.previous = undefined; // there is no way back to what could not be loaded
      this.#tell('model-fallback', slot, `${activeName}: ${reason}; ${slot.activeName} serves`);
    });
  }

  /** Puts a version on trial beside the one that serves; undefined ends that. Throws `Refusal`. */
  shadow(
    pipeline: string,
    name: string | undefined,
  ): Promise<{ pipeline: string; shadow: VersionRef | null }> {
    return this.#alone(`the shadow of ${pipeline} becomes ${name ?? 'none'}`, async () => {
      const slot = this.#slot(pipeline);
      let shadow: Holder | undefined;
      if (name !== undefined) {
        const { manifest, path } = await this.options.store.verify(name);
        shadow = await this.#load(slot, manifest, path);
      }
      await slot.target.try(shadow?.prepared);
      slot.shadow = shadow;
      this.options.onRoles(slot);
      return { pipeline, shadow: shadow?.ref ?? null };
    });
  }

  /** A pipeline has answered; whole windows tell how its model does. */
  answered(result: PipelineResult): void {
    const slot = result.final ? this.#slots.get(result.pipeline) : undefined;
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
    const slot = this.#slots.get(pipeline);
    if (slot?.trial === undefined || window.index < slot.trial.first) return;
    if (cause !== 'refused' && cause !== 'lost') return;
    slot.trial.probation.missed(cause, reason);
    this.#judge(slot);
  }

  /** The model of a pipeline is there no more. */
  failed(pipeline: string, reason: string): void {
    const slot = this.#slots.get(pipeline);
    if (slot?.trial === undefined) return;
    slot.trial.probation.ended(reason);
    this.#judge(slot);
  }

  /** One thing at a time; the same again while it goes on, as a message that comes twice, is the same thing. */
  async #alone<T>(what: string, work: () => Promise<T>): Promise<T> {
    const current = this.#working;
    if (current?.what === what) return current.outcome as Promise<T>;
    if (current !== undefined) throw new Refusal('busy', current.what);
    const outcome = work().finally(() => {
      this.#working = undefined;
    });
    this.#working = { what, outcome };
    return outcome;
  }

  #slot(pipeline: string): Slot {
    const slot = this.#slots.get(pipeline);
    if (slot !== undefined) return slot;
    const names = [...this.#slots.keys()].join(', ') || '(none)';
    throw new Refusal('unknown_pipeline', `'${pipeline}' is not one of the pipelines: ${names}`);
  }

  /** Waits a little until the changes before are over. Throws a `busy` refusal when they are not. */
  async #settle(slot: Slot): Promise<void> {
    const { trial, activeName, pipeline } = slot;
    const { clock } = this.options;
    if (trial !== undefined) {
      const leftS = Math.max(0, Math.ceil((trial.untilUs - clock.monoUs()) / 1e6));
      throw new Refusal('busy', `${activeName} is on probation in ${pipeline} for ${leftS} s more`);
    }
    if (slot.draining >= mostDraining) await slot.nextDrained(clock, longestDrainMs);
    if (slot.draining >= mostDraining)
      throw new Refusal('busy', `${slot.draining} models before have a window of ${pipeline} to finish`);
  }

  /** The version, loaded: the previous one may still be. */
  async #ready(slot: Slot, ref: VersionRef, path: string): Promise<Holder> {
    const { previous } = slot;
    if (previous?.prepared !== undefined && previous.ref.sha256 === ref.sha256) return previous;
    return this.#load(slot, ref, path);
  }

  #load(slot: Slot, ref: VersionRef, path: string): Promise<Holder> {
    const { rules, clock } = this.options;
    return loadCandidate(slot, ref, path, rules(), clock.nowUs());
  }

  /** Takes a loaded version into service. Returns its first window. */
  #switch(slot: Slot, next: Holder): number {
    const { clock, onRoles } = this.options;
    if (this.#stopped) throw new Refusal('busy', 'the runtime stops');
    const first = slot.follow(next, clock.nowUs());
    this.#holdPrevious(slot);
    onRoles(slot);
    return first;
  }

  /** Keeps the previous model loaded for a while. One whose successor is on trial stays. */
  #holdPrevious(slot: Slot): void {
    const { clock, rules } = this.options;
    const { holdS } = rules();
    const release = (): void => {
      if (slot.trial === undefined) slot.free(slot.previous);
    };
    clock.clearTimer(slot.hold);
    slot.hold = clock.setTimer(release, holdS * 1000);
  }

  /** Begins the probation of the model that serves; without one it is committed at once. */
  async #try(slot: Slot, first: number, older: Holder | undefined): Promise<void> {
    const { clock, rules, onRoles } = this.options;
    const { probationS, maxWindowMs } = rules();
    const before = slot.labels;
    slot.labels = new RecentLabels();
    if (probationS === 0) {
      await this.#commit(slot);
      return;
    }
    slot.trial = {
      probation: new Probation(maxWindowMs * 1000, before),
      ...{ first, older: older === undefined ? undefined : { ...older, prepared: undefined } },
      untilUs: clock.monoUs() + probationS * 1e6,
      timer: clock.setTimer(() => void this.#passed(slot), probationS * 1000),
      committing: false,
    };
    this.#tell('model-switched', slot, `${slot.activeName} serves from window ${first} on, on probation`);
    onRoles(slot);
  }

  async #passed(slot: Slot): Promise<void> {
    if (slot.trial === undefined) return;
    slot.trial.committing = true;
    await this.#commit(slot);
    slot.trial = undefined;
    this.#holdPrevious(slot);
    this.options.onRoles(slot);
  }

  /** Writes down that the model that serves is the active one. */
  #commit(slot: Slot): Promise<void> {
    const write = (): Promise<unknown> => this.options.store.activate(slot.activeName, slot.pipeline);
    return this.#write(slot, write, 'model-committed', 'is the active version');
  }

  async #write(
    slot: Slot,
    write: () => Promise<unknown>,
    kind: SwapEvent['kind'],
    done: string,
  ): Promise<void> {
    const name = slot.activeName;
    try {
      await write();
      this.#tell(kind, slot, `${name} ${done}`);
    } catch (error) {
      const why = (error as Error).message;
      this.#tell('model-not-committed', slot, `${name} serves, but the next start will not know it: ${why}`);
    }
  }

  #judge(slot: Slot): void {
    const fault = slot.trial?.probation.fault;
    if (fault !== undefined && slot.trial?.committing === false) this.#takeBack(slot, fault, true);
  }

  /** Ends a trial: the version before serves again. Returns its first window. */
  #takeBack(slot: Slot, reason: string, isBad: boolean): number | undefined {
    const { clock, onRoles } = this.options;
    const { trial, active } = slot;
    if (trial === undefined || active === undefined) return undefined;
    clock.clearTimer(trial.timer);
    slot.trial = undefined;
    slot.labels = new RecentLabels();
    if (isBad) slot.bad.add(active.ref.sha256);
    const tried = versionName(active.ref);
    const first = slot.goBack(trial, clock.nowUs());
    const then =
      first === undefined
        ? 'it goes on, for there is no version before it'
        : `${slot.activeName} serves again, from window ${first} on`;
    this.#tell(isBad ? 'swap-failed' : 'model-rolled-back', slot, `${tried}: ${reason}; ${then}`);
    onRoles(slot);
    return first;
  }

  #tell(kind: SwapEvent['kind'], { pipeline, active, previous }: Slot, message: string): void {
    const roles = { active: active?.ref ?? null, previous: previous?.ref ?? null };
    this.options.onEvent({ kind, pipeline, message, ...roles });
  }
}
