/**
 * Windows that are with workers, by number. Numbers ascend and none is used twice, so a number below the next one that is
 * not here has had its answer: duplicates are known without a memory of what is over.
 */
export class Outstanding<T> {
  private readonly open = new Map<number, T>();
  private next = 0;

  get size(): number {
    return this.open.size;
  }

  /** Takes a window in; returns its number. */
  add(item: T): number {
    const sequence = this.next++;
    this.open.set(sequence, item);
    return sequence;
  }

  get(sequence: number): T | undefined {
    return this.open.get(sequence);
  }

  /** Whether the window of this number has met its end. */
  isOver(sequence: number): boolean {
    return sequence < this.next && !this.open.has(sequence);
  }

  /** The window has met its end; returns it the first time only. */
  end(sequence: number): T | undefined {
    const item = this.open.get(sequence);
    this.open.delete(sequence);
    return item;
  }

  /** All of now, oldest first. */
  entries(): readonly (readonly [sequence: number, item: T])[] {
    return [...this.open];
  }
}
