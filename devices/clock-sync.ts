import { ClockBounds } from './clock-bounds.js';

/** A change of the offset is spread over this much device time, a larger one over its own length. */
const slewUs = 250_000;

/** What is known of a device clock, for people and messages. */
export interface ClockReport {
  /** Host time minus device time at the last sample, microseconds. */
  readonly offsetUs: number;
  /** How much faster host time runs than device time, parts in a million. */
  readonly skewPpm: number;
  /** Bound on the error of a time mapped at the last sample, microseconds; Infinity: not known. */
  readonly boundUs: number;
  /** Pairs of device and host time seen in this epoch. */
  readonly samples: number;
  /** `echo`: by round trips, nothing assumed; `arrival`: by arrivals alone, the least delay is not seen. */
  readonly source: 'echo' | 'arrival';
}

/**
 * Maps device time to host time, both in microseconds: offset and skew by the lower envelope of arrivals, and by round
 * trips where the protocol has them (see `ClockBounds`).
 *
 * The mapping moves towards the best estimate (the middle of the bounds with round trips, the envelope without), by
 * slewing: it is continuous and never goes back within an epoch, also when device time runs slower or many times faster
 * than host time, as in a replay; it then follows the arrivals at a distance of about `slewUs` at most, or of the device
 * time between two samples if that is longer.
 *
 * Pure: time comes in as an argument. Allocates nothing per sample.
 */
export class ClockSync {
  private readonly bounds = new ClockBounds();
  /** Device time of the last sample, the host time it is mapped to, and by how much that is still to change. */
  private anchorUs = 0;
  private mappedUs = 0;
  private correctionUs = 0;
  private slope = 1;
  /** Pairs seen in this epoch. */
  samples = 0;

  /** The device clock has restarted: forget everything. */
  reset(): void {
    this.bounds.clear();
    this.samples = 0;
    this.correctionUs = 0;
  }

  /**
   * A frame whose latest time was `deviceUs` arrived at `hostUs`. Host times must not have been asked for later device
   * times than that; frames older than the last are ignored.
   */
  sample(deviceUs: number, hostUs: number): void {
    if (this.samples > 0 && deviceUs < this.anchorUs) return;
    this.bounds.arrived(deviceUs, hostUs);
    const mappedUs = this.toHostUs(deviceUs);
    this.samples++;
    this.anchorUs = deviceUs;
    this.mappedUs = mappedUs;
    this.aim();
  }

  /**
   * A question was sent at `sentUs` (host), received at `rxUs` and answered at `txUs` (device); the answer arrived at
   * `arrivedUs` (host). From then on the bound assumes nothing of the link.
   */
  roundTrip(sentUs: number, rxUs: number, txUs: number, arrivedUs: number): void {
    this.bounds.arrived(txUs, arrivedUs);
    this.bounds.received(rxUs, sentUs);
    if (this.samples > 0) this.aim();
  }

  /** Host time of a device time of this epoch; NaN before the first sample. */
  toHostUs(deviceUs: number): number {
    if (this.samples === 0) return Number.NaN;
    const afterUs = deviceUs - this.anchorUs;
    // At this span the mapping stands still at worst; it never goes back.
    const span = Math.max(slewUs, Math.abs(this.correctionUs) / this.slope);
    const done = Math.min(1, Math.max(0, afterUs / span));
    return this.mappedUs + afterUs * this.slope + done * this.correctionUs;
  }

  /**
   * How far `toHostUs(deviceUs)` may be from the truth, microseconds: from the host time at which the device clock
   * showed `deviceUs` when there are round trips; without them from that plus the least delay of the link. Infinity
   * while it is not known: until the first round trip, or for the first 2 s without one. It holds while both clocks run
   * at constant rates (within 10 ppm over 30 s) that differ by at most 5000 ppm and, without round trips, while about
   * the least delay occurs every 2 s.
   */
  boundUs(deviceUs: number): number {
    if (this.samples === 0) return Number.POSITIVE_INFINITY;
    const hostUs = this.toHostUs(deviceUs);
    return Math.max(this.bounds.high(deviceUs) - hostUs, hostUs - this.bounds.low(deviceUs));
  }

  /** What is known at the last sample; undefined before the first. */
  report(): ClockReport | undefined {
    const { samples, anchorUs, bounds } = this;
    if (samples === 0) return undefined;
    return {
      offsetUs: this.mappedUs - anchorUs,
      skewPpm: (bounds.slope - 1) * 1e6,
      boundUs: this.boundUs(anchorUs),
      samples,
      source: bounds.twoSided ? 'echo' : 'arrival',
    };
  }

  /** Sends the mapping from the anchor on towards the best estimate. */
  private aim(): void {
    const { bounds, anchorUs } = this;
    const wantedUs = bounds.twoSided
      ? (bounds.low(anchorUs) + bounds.high(anchorUs)) / 2
      : bounds.envelope(anchorUs);
    if (Number.isNaN(this.mappedUs)) this.mappedUs = wantedUs;
    this.slope = bounds.slope;
    this.correctionUs = wantedUs - this.mappedUs;
  }
}
