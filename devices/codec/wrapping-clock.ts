/**
 * Device time from a counter of few bits: of all times that the reading may stand for, the one nearest to where the
 * device clock should be by the time of arrival. Right as long as the reading lies within half a turn of the counter
 * of that, in which jitter of arrival counts: 32 ms for 16 bits of microseconds. Pure.
 */
export class WrappingClock {
  private readonly turn: number;
  private ticks = Number.NaN;
  private arrivalUs = 0;

  /** @param tickUs microseconds a tick */
  constructor(
    bits: number,
    private readonly tickUs: number,
  ) {
    this.turn = 2 ** bits;
  }

  /** Microseconds since the counter was 0 before the first reading; later readings may lie before earlier ones. */
  read(counter: number, arrivalUs: number): number {
    if (Number.isNaN(this.ticks)) {
      this.ticks = counter;
    } else {
      const passed = Math.max(0, arrivalUs - this.arrivalUs) / this.tickUs;
      const expected = Math.round(this.ticks + passed);
      const ahead = (((counter - expected) % this.turn) + this.turn) % this.turn;
      this.ticks = expected + (ahead < this.turn / 2 ? ahead : ahead - this.turn);
    }
    this.arrivalUs = arrivalUs;
    return this.ticks * this.tickUs;
  }

  /** The counter begins anew. */
  restart(): void {
    this.ticks = Number.NaN;
  }
}
