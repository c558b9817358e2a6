import { Gaps } from './gaps.js';
import { Lane } from './lane.js';
import type { Policy } from './window.js';

/** Events handed on at once. */
const RUN = 1024;

/**
 * Several sensors' events become one stream in time order: an event is released once no sensor can still send an
 * earlier one. That is known from the watermark, the least of the times the sensors have reached; a sensor that is
 * offline, or more than `maxLagUs` behind the newest, is not waited for.
 */
export class Merge {
  readonly lanes: readonly Lane[];
  /** Latest time of any sensor. */
  newestUs = Number.NEGATIVE_INFINITY;
  /** The time reached: everything up to it has been released. */
  mergedUs = Number.NEGATIVE_INFINITY;
  /** A run of events in time order, gathered from several lanes. */
  private readonly tUs = new Float64Array(RUN);
  private readonly bit = new Uint32Array(RUN);
  /** First time of any sensor: what a sensor that never spoke is measured from. */
  private firstUs = Number.NaN;
  private readonly gaps = new Gaps();

  constructor(
    sensors: number,
    laneEvents: number,
    private readonly maxLagUs: number,
    private readonly policy: Policy,
  ) {
    this.lanes = Array.from({ length: sensors }, () => new Lane(laneEvents));
  }

  /** A sensor has reached a time. */
  reach(lane: Lane, tUs: number): void {
    if (this.newestUs === Number.NEGATIVE_INFINITY) {
      this.firstUs = tUs;
      this.policy.begin?.(tUs);
    }
    lane.reach(tUs, Number.isNaN(lane.heardUs) ? this.firstUs : lane.heardUs);
    if (tUs > this.newestUs) this.newestUs = tUs;
    if (lane.missingFromUs !== undefined) {
      this.gaps.note(lane.missingFromUs, tUs);
      lane.missingFromUs = undefined;
    }
  }

  /** Hands on what has become safe to hand on. */
  release(): void {
    this.goTo(this.watermark());
  }

  /** Makes room in a full lane by going ahead without the sensors that it waits for. */
  force(lane: Lane): void {
    this.goTo(lane.tUs[lane.head + (lane.capacity >> 1)]!);
  }

  /** Hands on all events up to `limitUs`, in time order; earlier ones that come later will be late. */
  releaseTo(limitUs: number): void {
    const [only] = this.lanes;
    if (this.lanes.length === 1 && only !== undefined) {
      const from = only.head;
      only.head = only.endUpTo(limitUs);
      if (only.head > from) this.policy.take(only.tUs, only.bit, from, only.head);
    } else {
      for (let n = this.collect(limitUs); n > 0; n = this.collect(limitUs))
        this.policy.take(this.tUs, this.bit, 0, n);
    }
    for (const lane of this.lanes) lane.compact();
    if (limitUs > this.mergedUs) {
      this.mergedUs = limitUs;
      this.policy.advance(limitUs);
    }
  }

  /** Whether no sensor's events may be missing from a window, as far as is known now. */
  isComplete({ startUs, endUs }: { readonly startUs: number; readonly endUs: number }): boolean {
    return !this.gaps.overlap(startUs, endUs);
  }

  /** Forgets all time; no event may be waiting. */
  restart(): void {
    this.newestUs = Number.NEGATIVE_INFINITY;
    this.mergedUs = Number.NEGATIVE_INFINITY;
    this.firstUs = Number.NaN;
    this.gaps.clear();
    for (const lane of this.lanes) {
      lane.lastUs = Number.NaN;
      lane.missingFromUs = undefined;
      lane.join(Number.NEGATIVE_INFINITY);
    }
  }

  /** Moves the earliest waiting events up to the limit into the run, in time order; returns how many. */
  private collect(limitUs: number): number {
    const { lanes, tUs, bit } = this;
    let n = 0;
    for (; n < RUN; n++) {
      let first: Lane | undefined;
      let firstUs = Number.POSITIVE_INFINITY;
      for (let k = 0; k < lanes.length; k++) {
        const lane = lanes[k]!;
        if (lane.head === lane.tail) continue;
        const headUs = lane.tUs[lane.head]!;
        if (headUs < firstUs && headUs <= limitUs) {
          first = lane;
          firstUs = headUs;
        }
      }
      if (first === undefined) break;
      tUs[n] = firstUs;
      bit[n] = first.bit[first.head++]!;
    }
    return n;
  }

  private watermark(): number {
    let watermarkUs = Number.POSITIVE_INFINITY;
    for (const lane of this.lanes) {
      const heardUs = Number.isNaN(lane.heardUs) ? this.firstUs : lane.heardUs;
      const waitedFor = lane.online && !(this.newestUs - heardUs > this.maxLagUs);
      if (waitedFor) watermarkUs = Math.min(watermarkUs, lane.watermarkUs);
    }
    return watermarkUs === Number.POSITIVE_INFINITY ? this.newestUs : watermarkUs;
  }

  /** Releases up to `limitUs` and notes what sensors that are further behind may still have had to say. */
  private goTo(limitUs: number): void {
    if (this.lanes.length > 1 && limitUs > this.mergedUs) {
      let promisedUs = limitUs;
      for (const lane of this.lanes) promisedUs = Math.min(promisedUs, lane.watermarkUs);
      if (promisedUs < limitUs) {
        this.releaseTo(promisedUs);
        this.gaps.note(promisedUs, limitUs);
      }
    }
    this.releaseTo(limitUs);
  }
}
