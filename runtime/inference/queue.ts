/** First in, first out, bounded; the newest wins: a full queue gives up its oldest item. */
export class NewestQueue<T> {
  private items: T[] = [];
  private most = 1;

  /** `limit`: items that may wait, at least 1. */
  constructor(limit: number) {
    this.resize(limit);
  }

  get limit(): number {
    return this.most;
  }

  /** From now on so many items may wait, at least 1; returns those that have to go, oldest first. */
  resize(limit: number): T[] {
    if (!(Number.isInteger(limit) && limit >= 1)) {
      throw new RangeError(`a queue of ${limit} items: give a whole number from 1`);
    }
    this.most = limit;
    return this.items.splice(0, Math.max(0, this.items.length - limit));
  }

  get size(): number {
    return this.items.length;
  }

  /** The oldest item, or undefined. */
  get first(): T | undefined {
    return this.items[0];
  }

  /** Appends an item; returns the one that had to go, or undefined. */
  push(item: T): T | undefined {
    const gone = this.items.length >= this.most ? this.items.shift() : undefined;
    this.items.push(item);
    return gone;
  }

  /** Removes and returns the oldest item, or undefined. */
  shift(): T | undefined {
    return this.items.shift();
  }

  /** Removes and returns the items that fit, oldest first. */
  remove(fits: (item: T) => boolean): T[] {
    const gone = this.items.filter(fits);
    this.items = this.items.filter((item) => !fits(item));
    return gone;
  }

  /** Removes and returns all items, oldest first. */
  clear(): T[] {
    const all = this.items;
    this.items = [];
    return all;
  }
}

/** Takes turns: each call of `next` begins its search behind the one that was found last. */
export class RoundRobin<T> {
  private readonly members: T[];
  private turn = 0;

  constructor(members: Iterable<T> = []) {
    this.members = [...members];
  }

  get all(): readonly T[] {
    return this.members;
  }

  add(member: T): void {
    this.members.push(member);
  }

  remove(member: T): void {
    const at = this.members.indexOf(member);
    if (at < 0) return;
    this.members.splice(at, 1);
    if (at < this.turn) this.turn--;
  }

  /** The next member in turn that is ready, or undefined when none is. */
  next(ready: (member: T) => boolean): T | undefined {
    const { length } = this.members;
    for (let i = 0; i < length; i++) {
      const at = (this.turn + i) % length;
      const member = this.members[at]!;
      if (!ready(member)) continue;
      this.turn = (at + 1) % length;
      return member;
    }
    return undefined;
  }
}
