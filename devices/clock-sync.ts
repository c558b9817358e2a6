/** Minima over windows of this length of device time ... */
const windowUs = 250_000;
/** ... of which this many are kept: the envelope looks back 2 s. */
const windows = 8;
/** A change of the offset is spread over this much device time, a larger one over its own length. */
const slewUs = 250_000;
/** Worst clock expected: a ceramic resonator, 5000 ppm. Used for what has not been seen yet. */
const worstSkew = 5e-3;

/**
 * Maps device time to host time, both in microseconds, by the lower envelope.
 *
 * What is known are pairs (device time of a frame, host time of its arrival); their difference is the clocks' offset
 * plus a delay that is never negative. The smallest difference of the last 2 s of device time is the best estimate of
 * offset plus least delay (a constant least delay cannot be seen from one side). The mapping moves towards it: it is
 * continuous and never goes back within an epoch, also when device time runs slower or many times faster than host
 * time, as in a replay; it then follows the arrivals at a distance of at most `slewUs`, or of the device time between two samples if
 * that is longer.
 *
 * Pure: time comes in as an argument. Allocates nothing per sample.
 */
export class ClockSync {
  private readonly minima = new Float64Array(windows);
  /** Windows begun; the current one is `(count - 1) % windows`. 0: no sample in this epoch. */
  private count = 0;
  private windowEndUs = 0;
  /** Device time of the last sample, the offset there, and by how much it is still to change. */
  private anchorUs = 0;
  private offsetUs = 0;
  private correctionUs = 0;
  private errorUs = Number.POSITIVE_INFINITY;
  /** Pairs seen in this epoch. */
  samples = 0;

  /** The device clock has restarted: forget everything. */
  reset(): void {
    this.count = 0;
    this.samples = 0;
    this.correctionUs = 0;
    this.errorUs = Number.POSITIVE_INFINITY;
  }

  /** A frame whose latest time was `deviceUs` arrived at `hostUs`. Device times older than the last are ignored. */
  sample(deviceUs: number, hostUs: number): void {
    const difference = hostUs - deviceUs;
    if (this.count === 0) {
      this.anchorUs = deviceUs;
      this.offsetUs = difference;
      this.windowEndUs = deviceUs;
    }
    if (deviceUs < this.anchorUs) return;
    this.samples++;
    this.note(deviceUs, difference);
    this.offsetUs = this.toHostUs(deviceUs) - deviceUs;
    this.anchorUs = deviceUs;
    this.aim();
  }

  /** Host time of a device time of this epoch; NaN before the first sample. */
  toHostUs(deviceUs: number): number {
    if (this.count === 0) return Number.NaN;
    const span = Math.max(slewUs, Math.abs(this.correctionUs));
    const done = Math.min(1, Math.max(0, (deviceUs - this.anchorUs) / span));
    return deviceUs + this.offsetUs + done * this.correctionUs;
  }

  /**
   * How far `toHostUs(deviceUs)` may be from the true time plus the least delay: the spread of the window minima, what
   * is not slewed yet, and the worst drift over times not sampled. Infinity before the first sample. It holds as long
   * as device time runs at host time's rate (within 5000 ppm) and each 250 ms had a frame of about the least delay.
   */
  boundUs(deviceUs: number): number {
    return this.errorUs + worstSkew * (windowUs + Math.abs(deviceUs - this.anchorUs));
  }

  private note(deviceUs: number, difference: number): void {
    if (deviceUs >= this.windowEndUs) {
      this.windowEndUs = deviceUs + windowUs;
      this.minima[this.count++ % windows] = difference;
    } else {
      const current = (this.count - 1) % windows;
      if (difference < this.minima[current]!) this.minima[current] = difference;
    }
  }

  /** Sends the mapping towards the envelope; as the span shows, never backwards and at most at double speed. */
  private aim(): void {
    const kept = Math.min(this.count, windows);
    let least = this.minima[0]!;
    let most = least;
    for (let i = 1; i < kept; i++) {
      const minimum = this.minima[i]!;
      if (minimum < least) least = minimum;
      if (minimum > most) most = minimum;
    }
    this.correctionUs = least - this.offsetUs;
    this.errorUs = most - least + Math.abs(this.correctionUs);
  }
}
