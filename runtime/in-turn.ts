/** Things that are done one after the other. */
export class Turn {
  #last: Promise<unknown> = Promise.resolve();

  /** Does something when all that was given before is over, well or not. Gives what it gives, and rejects as it does. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
