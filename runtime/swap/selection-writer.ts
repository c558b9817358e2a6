import type { Slot } from './slot.js';
import { type SwapEvent, type SwapperOptions, swapEvent } from './swap-rules.js';

/** What could not be written is tried again after so long: a full disk is emptied by somebody. */
const RETRY_MS = 30_000;

/** Writes down which versions a pipeline has, so that the next start begins with them. */
export class SelectionWriter {
  #stopped = false;

  constructor(private readonly options: Pick<SwapperOptions, 'store' | 'clock' | 'onEvent'>) {}

  /** Tries nothing again any more. */
  stop(slots: Iterable<Slot>): void {
    this.#stopped = true;
    for (const slot of slots) this.#forget(slot);
  }

  /**
   * Never rejects: what cannot be written is told once, and tried again until it is written or something else is to be.
   * @param kind what has happened when it is written
   * @param done that in words, after the name of the version
   */
  async write(slot: Slot, kind: SwapEvent['kind'], done: string): Promise<void> {
    const fault = await this.#write(slot, kind, done);
    if (fault === undefined) return;
    const then = this.#stopped ? '' : '; it is tried again';
    const told = `${slot.activeName} serves, but the next start will not know it: ${fault}${then}`;
    this.options.onEvent(swapEvent('model-not-committed', slot, told));
  }

  /** Resolves to why it could not be written. */
  async #write(slot: Slot, kind: SwapEvent['kind'], done: string): Promise<string | undefined> {
    const { store, onEvent } = this.options;
    const { pipeline, active, previous, activeName } = slot;
    this.#forget(slot);
    if (active === undefined) return undefined;
    try {
      await store.select(pipeline, { active: active.ref, previous: previous?.ref ?? null });
    } catch (error) {
      // Another model may have taken over meanwhile: what is written of that is its own affair.
      if (slot.active === active) this.#later(slot, kind, done);
      return (error as Error).message;
    }
    slot.written = active.ref.sha256;
    onEvent(swapEvent(kind, slot, `${activeName} ${done}`));
    return undefined;
  }

  #later(slot: Slot, kind: SwapEvent['kind'], done: string): void {
    if (this.#stopped) return;
    this.#forget(slot);
    // What is on trial is not written yet, and the version before may still come back.
    const again = (): unknown =>
      slot.trial === undefined ? this.#write(slot, kind, done) : this.#later(slot, kind, done);
    slot.retry = this.options.clock.setTimer(again, RETRY_MS);
  }

  #forget(slot: Slot): void {
    this.options.clock.clearTimer(slot.retry);
    slot.retry = undefined;
  }
}
