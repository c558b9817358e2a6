import { appendEvent, type EventBatch } from '../event.js';

export interface SendOnDeltaOptions {
  /** Number of taxels, 1 .. 65536. */
  readonly taxels: number;
  /** Rise of pressure that makes an ON event, > 0, in the unit of the frames: one for all taxels or one each. */
  readonly rise: number | ArrayLike<number>;
  /** Fall of pressure that makes an OFF event, > 0, likewise. */
  readonly fall: number | ArrayLike<number>;
  /** What a change must exceed its threshold by when it turns against the taxel's last event, >= 0. Default 0. */
  readonly hysteresis?: number;
  /** A taxel is mute for this long after a frame in which it fired. Default 0. */
  readonly refractoryUs?: number;
  /** Most events of one taxel in one frame (one a level crossed), 1 .. 1000. Default 1. */
  readonly maxPerFrame?: number;
  /** Time in which the sensor reads one frame, first taxel to last: taxel i is stamped i/taxels of it later. Default 0. */
  readonly scanUs?: number;
}

/** What the encoder met that was not an event. */
export interface SendOnDeltaCounters {
  /** Frames refused: wrong length, or a time that is no number or lies before the end of the last frame's scan. */
  badFrames: number;
  /** Readings skipped because they were not finite. */
  badReadings: number;
  /** Taxels left for the next frame because the batch was full. */
  deferred: number;
}

/**
 * Send-on-delta: a taxel fires when its pressure v has moved away from its reference L by its threshold, and the
 * reference follows by that threshold (Miskowicz 2006, level crossing with a moving reference):
 *
 *   v - L >= rise  ->  ON,   L += rise
 *   L - v >= fall  ->  OFF,  L -= fall
 *
 * So L is the pressure as a receiver can rebuild it from the events (`integrateEvents`), and after every frame whose
 * events were not held back by `refractoryUs`, `maxPerFrame` or a full batch, L - fall - hysteresis < v < L + rise +
 * hysteresis. What was held back is not lost: L stays, and the next frames catch up.
 *
 * `encode` allocates nothing. A frame costs one pass over the taxels.
 */
export class SendOnDelta {
  readonly counters: SendOnDeltaCounters = { badFrames: 0, badReadings: 0, deferred: 0 };
  readonly #taxels: number;
  readonly #rise: Float64Array;
  readonly #fall: Float64Array;
  readonly #hysteresis: number;
  readonly #refractoryUs: number;
  readonly #maxPerFrame: number;
  readonly #scanUs: number;
  readonly #level: Float64Array;
  readonly #mutedUntilUs: Float64Array;
  /** +1 after an ON event, -1 after an OFF event, 0 before the first. */
  readonly #direction: Int8Array;
  #nextUs = Number.NEGATIVE_INFINITY;

  /** Throws RangeError for an option out of its range. All references start at 0; see `reset`. */
  constructor(options: SendOnDeltaOptions) {
    const { taxels } = options;
    if (!Number.isInteger(taxels)) throw new RangeError(`taxels is ${taxels}; it must be a whole number`);
    this.#taxels = within('taxels', taxels, 1, 65_536);
    this.#rise = thresholds('rise', options.rise, taxels);
    this.#fall = thresholds('fall', options.fall, taxels);
    this.#hysteresis = within('hysteresis', options.hysteresis ?? 0, 0, Number.MAX_VALUE);
    this.#refractoryUs = within('refractoryUs', options.refractoryUs ?? 0, 0, Number.MAX_SAFE_INTEGER);
    this.#maxPerFrame = Math.floor(within('maxPerFrame', options.maxPerFrame ?? 1, 1, 1000));
    this.#scanUs = within('scanUs', options.scanUs ?? 0, 0, 60e6);
    this.#level = new Float64Array(taxels);
    this.#mutedUntilUs = new Float64Array(taxels).fill(Number.NEGATIVE_INFINITY);
    this.#direction = new Int8Array(taxels);
  }

  /** Reference pressure of each taxel: the absolute state that a keyframe carries. A view; copy it to keep it. */
  get levels(): Readonly<Float64Array> {
    return this.#level;
  }

  /**
   * Starts anew with these references (default 0 each), e.g. the first frame, so that a resting load is no event. A
   * reading that is not finite counts as bad and as 0. Throws RangeError for another number of taxels.
   */
  reset(levels: ArrayLike<number> = new Float64Array(this.#taxels)): void {
    if (levels.length !== this.#taxels) {
      throw new RangeError(`reset has ${levels.length} levels for ${this.#taxels} taxels`);
    }
    for (let taxel = 0; taxel < this.#taxels; taxel++) {
      const level = levels[taxel]!;
      if (!Number.isFinite(level)) this.counters.badReadings++;
      this.#level[taxel] = Number.isFinite(level) ? level : 0;
    }
    this.#mutedUntilUs.fill(Number.NEGATIVE_INFINITY);
    this.#direction.fill(0);
    this.#nextUs = Number.NEGATIVE_INFINITY;
  }

  /**
   * Appends the events of one frame (pressure by taxel, at tUs microseconds) to `out`, taxel by taxel, times
   * non-decreasing. Frames must come in the order of their times and not overlap a scan; one that does not fit is
   * counted and skipped. Returns the number of events appended.
   */
  encode(frame: ArrayLike<number>, tUs: number, out: EventBatch): number {
    if (frame.length !== this.#taxels || !(tUs >= this.#nextUs && tUs < Number.POSITIVE_INFINITY)) {
      this.counters.badFrames++;
      return 0;
    }
    this.#nextUs = tUs + this.#scanUs;
    const before = out.length;
    const slotUs = this.#scanUs / this.#taxels;
    for (let taxel = 0; taxel < this.#taxels; taxel++) {
      const pressure = frame[taxel]!;
      if (!Number.isFinite(pressure)) this.counters.badReadings++;
      else this.#follow(taxel, pressure, tUs + Math.floor(taxel * slotUs), out);
    }
    return out.length - before;
  }

  #follow(taxel: number, pressure: number, tUs: number, out: EventBatch): void {
    const change = pressure - this.#level[taxel]!;
    const sign = change > 0 ? 1 : -1;
    const threshold = sign > 0 ? this.#rise[taxel]! : this.#fall[taxel]!;
    const against = this.#direction[taxel]! === -sign ? this.#hysteresis : 0;
    let distance = Math.abs(change);
    if (distance < threshold + against || tUs < this.#mutedUntilUs[taxel]!) return;
    for (let sent = 0; sent < this.#maxPerFrame && distance >= threshold; sent++) {
      if (!appendEvent(out, tUs, taxel, sign > 0 ? 1 : 0)) {
        this.counters.deferred++;
        return;
      }
      this.#level[taxel]! += sign * threshold;
      distance = Math.abs(pressure - this.#level[taxel]!);
      this.#direction[taxel] = sign;
      this.#mutedUntilUs[taxel] = tUs + this.#refractoryUs;
    }
  }
}

function thresholds(name: string, value: number | ArrayLike<number>, taxels: number): Float64Array {
  if (typeof value === 'number') {
    return new Float64Array(taxels).fill(within(name, value, Number.MIN_VALUE, Number.MAX_VALUE));
  }
  if (value.length !== taxels)
    throw new RangeError(`${name} has ${value.length} thresholds for ${taxels} taxels`);
  return Float64Array.from(value, (threshold, taxel) =>
    within(`${name}[${taxel}]`, threshold, Number.MIN_VALUE, Number.MAX_VALUE),
  );
}

function within(name: string, value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  throw new RangeError(`${name} is ${value}; it must lie in ${min} .. ${max}`);
}
