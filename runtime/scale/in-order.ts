/** Work that is done in any order and dealt with in the order in which it was begun. */
export class InOrder {
  private readonly places: { deal?: () => void }[] = [];
  private waiting: (() => void)[] = [];

  /** What has begun and has not been dealt with. */
  get size(): number {
    return this.places.length;
  }

  /** Something begins; call what is returned, once, when it is done and can be dealt with. */
  begin(): (deal: () => void) => void {
    const place: { deal?: () => void } = {};
    this.places.push(place);
    return (deal) => {
      place.deal = deal;
      while (this.places[0]?.deal !== undefined) this.places.shift()!.deal!();
      if (this.size === 0) for (const resolve of this.waiting.splice(0)) resolve();
    };
  }

  /** Resolves when all that has begun has been dealt with. */
  drained(): Promise<void> {
    return this.size === 0 ? Promise.resolve() : new Promise((resolve) => this.waiting.push(resolve));
  }
}
