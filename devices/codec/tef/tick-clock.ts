const wrap = 0x1_0000_0000;

/**
 * Turns 32-bit ticks on the wire into ticks that never wrap.
 *
 * A frame's base is taken as the nearest tick to the last known one, so frames may be up to 2^31 ticks (36 minutes of
 * microseconds) apart and a base may lie a little before a STATUS that overtook it. The first base of an epoch is
 * taken as it stands; a STATUS or PONG that later tells how many times the counter had wrapped before does not move times
 * (that would be a jump): the whole wraps are taken off every 64-bit time of the epoch instead.
 */
export class TickClock {
  /** The last known tick; -1: none in this epoch. */
  private last = -1;
  /** Wraps before the epoch's first frame; -1: not known. */
  private missedWraps = -1;
  private lastUptime = -1;

  /** Starts an epoch. */
  restart(): void {
    this.last = -1;
    this.missedWraps = -1;
    this.lastUptime = -1;
  }

  /** The unwrapped tick of a 32-bit base; changes nothing, for the frame may yet turn out to be damaged. */
  unwrap(base: number): number {
    const tick = this.last < 0 ? base : this.last + ((base - (this.last % wrap)) | 0);
    return Math.max(0, tick);
  }

  /** `tick` is now the last known one. */
  mark(tick: number): number {
    this.last = tick;
    return tick;
  }

  /** A 64-bit reading that is lower than the one before it means that the device has started again. */
  wentBack(uptimeTicks: number): boolean {
    return uptimeTicks < this.lastUptime;
  }

  /** The clock's own 64-bit reading, before which everything has been sent, in the ticks of `unwrap`. */
  read(uptimeTicks: number): number {
    this.lastUptime = uptimeTicks;
    return this.mark(this.convert(uptimeTicks));
  }

  /**
   * Any 64-bit time of about now in the ticks of `unwrap`. The first one of an epoch tells how many times the counter
   * had wrapped before.
   */
  convert(ticks: number): number {
    if (this.missedWraps < 0) {
      this.missedWraps = this.last < 0 ? 0 : Math.max(0, Math.round((ticks - this.last) / wrap));
      if (this.last < 0) this.mark(ticks);
    }
    return Math.max(0, ticks - this.missedWraps * wrap);
  }
}
