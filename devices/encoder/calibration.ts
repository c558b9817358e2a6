import { type Calibration, maxTaxels } from '../sensor/calibration-file.js';

/** From a median absolute deviation to the standard deviation of the same spread, if it is normal: 1 / 0.67449. */
const madToSigma = 1.4826;

/** Frames of an untouched sensor that tell its noise; with fewer, chance has too great a part in it. */
export const leastFrames = 20;

/** Levels that are kept, over all taxels: 64 MiB. */
const mostLevels = 8 * 1024 * 1024;

export interface CalibrationOptions {
  /** Thresholds in standard deviations of the noise. Default 6: a normal noise passes it twice in 1e9 frames. */
  readonly sigmas?: number;
  /**
   * Least threshold, for taxels too coarse to show their noise, > 0, in the unit of the sensor. Default: twice the
   * smallest step between two levels of a taxel; 2 where nothing changed and all levels are whole numbers.
   */
  readonly leastThreshold?: number;
}

/** Collects the frames of an untouched sensor. The first frame says how many taxels it has. */
export class RestFrames {
  private readonly columns: number[][] = [];
  /** Frames of another length than the first, or with a level that is no number. */
  refused = 0;

  get taxels(): number {
    return this.columns.length;
  }

  get frames(): number {
    return this.columns[0]?.length ?? 0;
  }

  /** No further frame is kept: what there is takes all the memory that is allowed. */
  get isFull(): boolean {
    return this.taxels > 0 && (this.frames + 1) * this.taxels > mostLevels;
  }

  add(levels: ArrayLike<number>): void {
    if (this.taxels === 0) for (let i = 0; i < Math.min(levels.length, maxTaxels); i++) this.columns.push([]);
    if (this.isFull) return;
    if (levels.length !== this.taxels || !Array.from(levels).every(Number.isFinite)) this.refused++;
    else for (const [taxel, column] of this.columns.entries()) column.push(levels[taxel]!);
  }

  /**
   * Rest level (median), noise (1.4826 times the median absolute deviation, which a few touches or spikes do not change)
   * and threshold of each taxel: `sigmas` times its noise, or `leastThreshold` if that is more. Throws RangeError with
   * fewer than `leastFrames` frames, and when nothing tells how fine the levels are.
   */
  calibrate(driver: string, { sigmas = 6, leastThreshold }: CalibrationOptions = {}): Calibration {
    const { frames } = this;
    if (frames < leastFrames)
      throw new RangeError(`${frames} frames came, and at least ${leastFrames} are needed`);
    const least = leastThreshold ?? 2 * this.resolution();
    const rest = this.columns.map(medianOf);
    const noise = this.columns.map(
      (column, i) => madToSigma * medianOf(column.map((level) => Math.abs(level - rest[i]!))),
    );
    const threshold = noise.map((sigma) => Math.max(sigmas * sigma, least));
    return { format: 'whorl-calibration', version: 1, driver, frames, rest, noise, threshold };
  }

  /** The smallest step between two levels of a taxel. */
  private resolution(): number {
    let least = Number.POSITIVE_INFINITY;
    for (const column of this.columns) {
      const sorted = Float64Array.from(column).sort();
      for (let i = 1; i < sorted.length; i++) {
        const step = sorted[i]! - sorted[i - 1]!;
        if (step > 0 && step < least) least = step;
      }
    }
    if (Number.isFinite(least)) return least;
    if (this.columns.every((column) => column.every(Number.isInteger))) return 1;
    throw new RangeError('no level changed, so nothing tells how fine they are: give a least threshold');
  }

  /** Taxels that moved away from rest by more than their threshold: touched, or noisier than they seem. */
  unquiet({ rest, threshold }: Pick<Calibration, 'rest' | 'threshold'>): number[] {
    return this.columns.flatMap((column, taxel) =>
      column.some((level) => Math.abs(level - rest[taxel]!) > threshold[taxel]!) ? [taxel] : [],
    );
  }
}

/** The middle value; of an even number the mean of the two middle ones. */
function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
