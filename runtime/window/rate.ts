/**
 * Sliding count over event times: are there at least n events within the last `intervalUs`? The n-th last event
 * answers that, so the times of the last few events are all it keeps.
 */
export class EventRate {
  private readonly tUs: Float64Array;
  private readonly mask: number;
  private last = 0;

  /** `most`: the largest n that will be asked for. */
  constructor(
    private readonly intervalUs: number,
    most: number,
  ) {
    this.tUs = new Float64Array(2 ** Math.ceil(Math.log2(Math.max(2, most))));
    this.mask = this.tUs.length - 1;
    this.reset();
  }

  push(tUs: number): void {
    this.last = (this.last + 1) & this.mask;
    this.tUs[this.last] = tUs;
  }

  /** Time of the n-th last event (n = 1: the last); -Infinity when there were fewer. */
  nthLast(n: number): number {
    return this.tUs[(this.last - n + 1) & this.mask]!;
  }

  /** Whether the last event and the n - 1 before it lie within one interval. */
  reaches(n: number): boolean {
    return this.tUs[this.last]! - this.nthLast(n) <= this.intervalUs;
  }

  reset(): void {
    this.tUs.fill(Number.NEGATIVE_INFINITY);
  }
}
