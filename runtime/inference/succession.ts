import { type Prepared, Serving, type ServingOptions } from './serving.js';
import type { Job } from './window-service.js';

/**
 * The models of a pipeline, one after the other: which of them answers which window. The newest takes all windows that
 * begin; those before finish what they have begun.
 */
export class Succession {
  #newest: Serving | undefined;
  /** Relieved, with windows that are still open or waiting; oldest first. */
  #leaving: readonly Serving[] = [];

  /** The model that the next window will have. */
  get current(): Prepared | undefined {
    return this.#newest?.prepared;
  }

  /** All that have windows to answer, oldest first. */
  get all(): readonly Serving[] {
    return this.#newest === undefined ? this.#leaving : [...this.#leaving, this.#newest];
  }

  /**
   * Another model takes over from window `first` on; all windows before `closed` have closed. Resolves when the model
   * before has answered its last window.
   */
  follow(prepared: Prepared, first: number, closed: number, options: ServingOptions): Promise<void> {
    const before = this.#newest;
    this.#newest = new Serving(prepared, first, options);
    if (before === undefined) return Promise.resolve();
    this.#leaving = [...this.#leaving, before];
    before.passed(closed);
    return before.leave(first).then(() => {
      this.#leaving = this.#leaving.filter((serving) => serving !== before);
    });
  }

  /** The model that answers this window. */
  at(index: number): Serving | undefined {
    if (this.#newest !== undefined && this.#newest.first <= index) return this.#newest;
    return this.#leaving.findLast(({ first }) => first <= index);
  }

  /** A window has closed: all before it have, too. */
  passed(index: number): void {
    for (const serving of this.#leaving) serving.passed(index + 1);
  }

  /** Jobs of which there is news since the last call. */
  takeDue(): Iterable<Job> {
    if (this.#leaving.length === 0) return this.#newest?.takeDue() ?? [];
    return this.all.flatMap((serving) => [...serving.takeDue()]);
  }

  /** Forgets all: windows that are open have no model from now on. Returns the model that served. */
  end(): Prepared | undefined {
    const { current, all } = this;
    this.#newest = undefined;
    this.#leaving = [];
    for (const serving of all) serving.passed(Number.POSITIVE_INFINITY);
    return current;
  }
}
