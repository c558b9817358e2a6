import { Refusal } from './refusal.js';

/** Long works of which one goes on at a time. */
export class OneAtATime {
  /** What is going on, in words, and what comes of it. */
  #working: { readonly what: string; readonly outcome: Promise<unknown> } | undefined;

  /**
   * Does it unless something else goes on: then it throws a `busy` refusal. The same again while it goes on, as a message
   * that comes twice, is the same thing.
   */
  async alone<T>(what: string, work: () => Promise<T>): Promise<T> {
    const current = this.#working;
    if (current?.what === what) return current.outcome as Promise<T>;
    if (current !== undefined) throw new Refusal('busy', current.what);
    const outcome = work().finally(() => {
      this.#working = undefined;
    });
    this.#working = { what, outcome };
    return outcome;
  }

  /** Does it as soon as nothing else goes on. */
  async next<T>(what: string, work: () => Promise<T>): Promise<T> {
    while (this.#working !== undefined) await this.#working.outcome.catch(() => undefined);
    return this.alone(what, work);
  }
}
