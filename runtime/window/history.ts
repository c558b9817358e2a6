/** The most recent events, in time order, in a ring of fixed size: what a window reaches back for. */
export class History {
  readonly tUs: Float64Array;
  readonly bit: Uint32Array;
  private readonly mask: number;
  private head = 0;
  size = 0;

  /** Room for at least `capacity` events. Throws RangeError above 2^22. */
  constructor(capacity: number) {
    if (!(capacity <= 2 ** 22)) {
      throw new RangeError(
        `a history of ${capacity} events is larger than 2^22: ask for less pre-roll or a lower threshold`,
      );
    }
    const room = 2 ** Math.ceil(Math.log2(Math.max(2, capacity)));
    this.tUs = new Float64Array(room);
    this.bit = new Uint32Array(room);
    this.mask = room - 1;
  }

  /** Appends an event; returns how many old ones gave way (0 or 1). */
  push(tUs: number, bit: number): number {
    const full = this.size > this.mask ? 1 : 0;
    this.head = (this.head + full) & this.mask;
    this.size -= full;
    const slot = (this.head + this.size) & this.mask;
    this.tUs[slot] = tUs;
    this.bit[slot] = bit;
    this.size++;
    return full;
  }

  /** Forgets the events before `tUs`; returns how many. */
  dropBefore(tUs: number): number {
    let dropped = 0;
    while (this.size > 0 && this.tUs[this.head]! < tUs) {
      this.head = (this.head + 1) & this.mask;
      this.size--;
      dropped++;
    }
    return dropped;
  }

  /** Forgets everything; returns how many events that were. */
  clear(): number {
    const dropped = this.size;
    this.size = 0;
    return dropped;
  }

  /** Slot of the i-th oldest event. */
  slot(i: number): number {
    return (this.head + i) & this.mask;
  }
}
