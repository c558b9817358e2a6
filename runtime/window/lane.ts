/**
 * One sensor's place in the windower: the events that wait until the other sensors have caught up, in time order, and
 * what is known of its time. Events enter at the tail and leave at the head.
 */
export class Lane {
  readonly tUs: Float64Array;
  readonly bit: Uint32Array;
  head = 0;
  tail = 0;
  /** Pipeline time = device time + offset. */
  offsetUs = 0;
  online = true;
  /** Latest time of this sensor, by event or heartbeat: the reference for the next; NaN while it has not spoken. */
  lastUs = Number.NaN;
  /** No event before this time is to be expected; -Infinity while nothing is known. */
  watermarkUs = Number.NEGATIVE_INFINITY;
  /**
   * Time its lag is measured from: the latest of its times and of the newest time when it joined, so that a sensor is
   * given time to catch up. NaN while nothing is known.
   */
  heardUs = Number.NaN;
  /** Events between this time and the sensor's next may have been lost. */
  missingFromUs: number | undefined;
  /** A time that leapt, kept until the next one confirms or refutes it. */
  suspect: Suspect | undefined;

  /** At most `capacity` events wait; twice the room, so that moving them to the front is rare. */
  constructor(readonly capacity: number) {
    this.tUs = new Float64Array(2 * capacity);
    this.bit = new Uint32Array(2 * capacity);
  }

  get full(): boolean {
    return this.tail - this.head >= this.capacity;
  }

  get waiting(): number {
    return this.tail - this.head;
  }

  /** Time of the newest waiting event, -Infinity when none waits. */
  get tailUs(): number {
    return this.tail > this.head ? this.tUs[this.tail - 1]! : Number.NEGATIVE_INFINITY;
  }

  /** Index after the last waiting event up to `limitUs` (inclusive). */
  endUpTo(limitUs: number): number {
    const { tUs, tail } = this;
    if (tail > this.head && tUs[tail - 1]! <= limitUs) return tail;
    let end = this.head;
    while (end < tail && tUs[end]! <= limitUs) end++;
    return end;
  }

  /** Gives the room of released events back. */
  compact(): void {
    if (this.head === this.tail) {
      this.head = 0;
      this.tail = 0;
    } else if (this.head >= this.capacity) {
      this.tUs.copyWithin(0, this.head, this.tail);
      this.bit.copyWithin(0, this.head, this.tail);
      this.tail -= this.head;
      this.head = 0;
    }
  }

  /** Puts an event in its place among the waiting ones, after those of the same time; the lane must not be full. */
  insert(tUs: number, bit: number): void {
    let at = this.tail++;
    for (; at > this.head && this.tUs[at - 1]! > tUs; at--) {
      this.tUs[at] = this.tUs[at - 1]!;
      this.bit[at] = this.bit[at - 1]!;
    }
    this.tUs[at] = tUs;
    this.bit[at] = bit;
  }

  /** Takes a time that this sensor has reached; it was last heard at `heardUs`. */
  reach(tUs: number, heardUs: number): void {
    this.lastUs = tUs;
    this.watermarkUs = tUs;
    this.heardUs = Math.max(tUs, heardUs);
  }

  /** The sensor is (again) to be waited for, from `nowUs` on; -Infinity when the pipeline has no time yet. */
  join(nowUs: number): void {
    this.watermarkUs = nowUs;
    this.heardUs = nowUs === Number.NEGATIVE_INFINITY ? Number.NaN : nowUs;
  }
}

/** A time that leapt; `bit` is undefined for a heartbeat. */
export interface Suspect {
  readonly tUs: number;
  readonly bit: number | undefined;
}
