import type { SensorLevels } from './decoder.js';

/** The one frame that a decoder of levels fills and hands on again and again. */
export class LevelFrame implements SensorLevels {
  readonly start = 0;
  readonly values: Float64Array;
  tUs = Number.NEGATIVE_INFINITY;

  constructor(readonly length: number) {
    this.values = new Float64Array(length);
  }

  /** For sensors without a clock: the frame has the time at which it arrived, and none lies before the last. */
  arrived(arrivalUs: number): this {
    if (arrivalUs > this.tUs) this.tUs = arrivalUs;
    return this;
  }

  /** The link is gone: levels and time begin anew. */
  forget(): void {
    this.values.fill(0);
    this.tUs = Number.NEGATIVE_INFINITY;
  }
}
