/** Changes the models of running pipelines: one change at a time, and back again by itself when it was a bad one. */
import type { PipelineLoss, PipelineResult, Prepared } from '../inference/index.js';
import {
  type ActivateOptions,
  type Activation,
  activationOf,
  checkLabels,
  checkUntried,
} from './activation.js';
import { defaultPipeline } from './active.js';
import { loadCandidate } from './candidate.js';
import { parseVersionName, type VersionRef, versionName } from './manifest.js';
import { OneAtATime } from './one-at-a-time.js';
import { Refusal } from './refusal.js';
import { SelectionWriter } from './selection-writer.js';
import type { Holder, Slot, Trial } from './slot.js';
import { type SwapperOptions, swapEvent } from './swap-rules.js';
import { Trials } from './trials.js';

/** Models that may have a window to finish at the same time: a sensor that is gone leaves one open. */
const mostDraining = 2;
/** Another change waits so long for one of them. */
const longestDrainMs = 5000;

export class Swapper {
  readonly #slots = new Map<string, Slot>();
  readonly #changes = new OneAtATime();
  readonly #writer: SelectionWriter;
  readonly #trials: Trials;
  #stopped = false;

  constructor(private readonly options: SwapperOptions) {
    this.#writer = new SelectionWriter(options);
    this.#trials = new Trials({
      ...options,
      slots: this.#slots,
      commit: (slot, proof) => this.#commit(slot, proof),
      hold: (slot) => this.#holdPrevious(slot),
      reload: (slot, trial) =>
        this.#changes.next(`${slot.pipeline} goes back`, async () => {
          if (slot.trial === trial) await this.#reload(slot);
        }),
    });
  }

  get slots(): ReadonlyMap<string, Slot> {
    return this.#slots;
  }

  add(slot: Slot): void {
    this.#slots.set(slot.pipeline, slot);
  }

  /** Waits for nothing any more: what is on probation is not committed. */
  stop(): void {
    this.#stopped = true;
    this.#trials.stop();
    this.#writer.stop(this.#slots.values());
    for (const { hold } of this.#slots.values()) this.options.clock.clearTimer(hold);
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
    return this.#changes.alone(what, async () => {
      const slot = this.#slot(pipeline);
      const { manifest, path } = await this.options.store.verify(name);
      const serves = slot.serves(manifest);
      if (serves) await this.look();
      if (serves && slot.state !== 'uncommitted') return activationOf(slot);
      checkUntried(manifest, slot);
      if (serves) {
        await this.#commit(slot);
        return activationOf(slot);
      }
      await this.#settle(slot);
      if (!otherLabels) checkLabels(name, manifest.labels, slot);
      const older = slot.active?.ref.sha256 === manifest.sha256 ? undefined : slot.previous;
      const first = this.#switch(slot, await this.#ready(slot, manifest, path));
      await this.#trials.begin(slot, first, older);
      return activationOf(slot, first);
    });
  }

  /**
   * Back to the version before. On probation this ends the trial, whatever else goes on; otherwise it is written down at
   * once. Throws `Refusal`: no_previous, busy, and those of a model that must be loaded again.
   */
  async rollback(pipeline: string): Promise<Activation> {
    const slot = this.#slot(pipeline);
    const takeBack = (trial: Trial) => activationOf(slot, this.#trials.takeBack(slot, trial));
    if (slot.openTrial !== undefined && slot.loadedPrevious !== undefined) return takeBack(slot.openTrial);
    return this.#changes.alone(`${pipeline} is being rolled back`, async () => {
      if (slot.previous === undefined)
        throw new Refusal('no_previous', `pipeline ${pipeline} has no version before`);
      if (slot.openTrial !== undefined) await this.#reload(slot);
      if (slot.openTrial !== undefined) return takeBack(slot.openTrial); // it may have passed meanwhile
      await this.#settle(slot);
      checkUntried(slot.previous.ref, slot);
      const first = this.#switch(slot, await this.#reload(slot));
      await this.#writer.write(slot, 'model-rolled-back', 'serves again, by command');
      return activationOf(slot, first);
    });
  }

  /** At the start: the active version could not be loaded, so the one before serves. It is not written down. */
  fallBack(pipeline: string, reason: string): Promise<void> {
    // Other pipelines may fall back as well.
    return this.#changes.next(`${pipeline} falls back`, async () => {
      const slot = this.#slot(pipeline);
      const { previous, activeName } = slot;
      if (previous === undefined) throw new Refusal('no_previous', `${activeName}: ${reason}`);
      this.#switch(slot, await this.#reload(slot));
      slot.previous = undefined; // there is no way back to what could not be loaded
      const told = `${activeName}: ${reason}; ${slot.activeName} serves`;
      this.options.onEvent(swapEvent('model-fallback', slot, told));
    });
  }

  /** Puts a version on trial beside the one that serves; undefined ends that. Throws `Refusal`. */
  shadow(
    pipeline: string,
    name: string | undefined,
  ): Promise<{ pipeline: string; shadow: VersionRef | null }> {
    return this.#changes.alone(`the shadow of ${pipeline} becomes ${name ?? 'none'}`, async () => {
      const slot = this.#slot(pipeline);
      let shadow: Holder | undefined;
      if (name !== undefined) {
        const { manifest, path } = await this.options.store.verify(name);
        shadow = await this.#load(slot, manifest, path);
      }
      slot.shadow = shadow;
      await slot.target.try(shadow?.prepared);
      this.options.onRoles(slot);
      return { pipeline, shadow: shadow?.ref ?? null };
    });
  }

  /** A model on trial is there no more: it is put off. */
  shadowLost(pipeline: string, prepared: Prepared, reason: string): void {
    const slot = this.#slots.get(pipeline);
    if (slot?.shadow === undefined || slot.shadow.prepared !== prepared) return; // another one is in its place already
    const told = `${versionName(slot.shadow.ref)}, on trial, is lost: ${reason}`;
    slot.shadow = undefined;
    void slot.target.try(undefined);
    this.options.onEvent(swapEvent('shadow-lost', slot, told));
    this.options.onRoles(slot);
  }

  /** Learns from the store what the next start begins with: somebody else may have changed it. */
  async look(): Promise<void> {
    const { pipelines } = await this.options.store.selections();
    for (const slot of this.#slots.values())
      slot.written = (pipelines[slot.pipeline] ?? pipelines[defaultPipeline])?.active.sha256;
  }

  /** Removes a version from the store. Throws `Refusal`: not_found, in_use, busy. */
  remove(name: string): Promise<void> {
    return this.#changes.alone(`${name} is being removed`, async () => {
      const ref = parseVersionName(name);
      const roles = [...this.#slots.values()].flatMap((slot) => slot.rolesOf(ref));
      if (roles.length > 0) throw new Refusal('in_use', `${name} is ${roles.join(', ')}`);
      await this.options.store.remove(name);
    });
  }

  /** A pipeline has answered. */
  answered(result: PipelineResult): void {
    this.#trials.answered(result);
  }

  /** A window of a pipeline got no answer. */
  missed(loss: PipelineLoss): void {
    this.#trials.missed(loss);
  }

  /** The model of a pipeline is there no more. */
  failed(pipeline: string, reason: string): void {
    this.#trials.failed(pipeline, reason);
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

  /** The version before, loaded: it may have been freed. */
  async #reload(slot: Slot): Promise<Holder> {
    const { ref } = slot.previous!;
    const { path } = await this.options.store.verify(versionName(ref));
    const loaded = await this.#ready(slot, ref, path);
    if (loaded !== slot.previous) slot.free(slot.previous);
    slot.previous = loaded;
    return loaded;
  }

  /** The version, loaded: the previous one may still be. */
  async #ready(slot: Slot, ref: VersionRef, path: string): Promise<Holder> {
    const { loadedPrevious } = slot;
    if (loadedPrevious?.ref.sha256 === ref.sha256) return loadedPrevious;
    return this.#load(slot, ref, path);
  }

  #load(slot: Slot, ref: VersionRef, path: string): Promise<Holder> {
    const { rules, clock } = this.options;
    return loadCandidate(slot, ref, path, rules(), clock.nowUs());
  }

  /** Writes down that the model that serves is the active one. */
  #commit(slot: Slot, proof = ''): Promise<void> {
    return this.#writer.write(slot, 'model-committed', `is the active version${proof}`);
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
    if (this.#stopped) return;
    const release = (): void => {
      if (slot.trial === undefined) slot.free(slot.previous);
    };
    clock.clearTimer(slot.hold);
    slot.hold = clock.setTimer(release, holdS * 1000);
  }
}
