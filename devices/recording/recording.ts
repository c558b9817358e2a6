import { createEventBatch, type EventBatch } from '../event.js';

/**
 * A recording as a stream of events, whatever its file format. Event times are microseconds, with nanoseconds as
 * fractions, since `originS`: a double holds nanoseconds of 104 days exactly, but not those since 1970.
 */
export interface Recording {
  readonly about: RecordingAbout;
  /** Events in the order of time; to be read once. A batch is reused after the next is asked for. */
  readonly batches: AsyncIterable<EventBatch>;
  /** What was of no use in the file, one line each; known when all batches have been read. */
  readonly notes?: () => string[];
}

export interface RecordingAbout {
  /** Number of taxels, where the format tells it. */
  readonly taxels?: number;
  /** Whole seconds that event times count from; 0 where the times of the file are small. */
  readonly originS: number;
  /** Rows and columns of a sensor that is a grid: taxel = y * width + x. */
  readonly size?: GridSize;
  /** What else is known of the sensor, in words: its geometry, its name. */
  readonly sensor?: string;
}

export interface GridSize {
  readonly width: number;
  readonly height: number;
}

/** Takes a recording as bytes of a format. */
export interface RecordingWriter {
  /** Rejects with a RecordingError when the format cannot hold the events, or with the system's error. */
  write(batch: EventBatch): Promise<void>;
  /** Ends the file; resolves to what the format could not hold, one line each. */
  end(): Promise<string[]>;
}

/** Where a writer's bytes go. */
export interface RecordingOutput {
  write(bytes: Uint8Array): Promise<void>;
  /** Replaces bytes that were written before, `at` bytes from the beginning. */
  patch(at: number, bytes: Uint8Array): Promise<void>;
}

/** A recording that cannot be read or written; the message says where in the file, and what is wrong. */
export class RecordingError extends Error {
  override name = 'RecordingError';
}

const batchSize = 4096;

/** Collects events into batches, and holds them to the order of time and to the number of taxels. */
export class BatchBuilder {
  private readonly batch = createEventBatch(batchSize);
  private lastUs = Number.NEGATIVE_INFINITY;

  /** @param taxels indices at or above are refused; undefined: any that a taxel can have, below 65536 */
  constructor(private readonly taxels: number | undefined) {}

  /**
   * Adds an event; true when the batch is full and has to be taken.
   * @param place where it stands in the file, for the message of the RecordingError that it may be refused with
   */
  add(tUs: number, taxel: number, polarity: number, place: () => string): boolean {
    const limit = this.taxels ?? 65_536;
    if (!(Number.isInteger(taxel) && taxel >= 0 && taxel < limit))
      throw new RecordingError(`${place()}: taxel ${taxel} is not within 0..${limit - 1}`);
    if (tUs < this.lastUs)
      throw new RecordingError(
        `${place()}: time goes back by ${this.lastUs - tUs} us; events must be in the order of time: sort them`,
      );
    const { batch } = this;
    const i = batch.length++;
    batch.tUs[i] = tUs;
    batch.taxel[i] = taxel;
    batch.polarity[i] = polarity;
    this.lastUs = tUs;
    return batch.length === batchSize;
  }

  /** The events so far, which are then forgotten: valid until the next is added. */
  take(): EventBatch {
    const { tUs, taxel, polarity, length } = this.batch;
    this.batch.length = 0;
    return { tUs, taxel, polarity, length };
  }
}

/** The seconds to count a recording's times from, given its first: none where times are short as they are. */
export function originOf(firstS: number): number {
  return firstS >= 1e6 ? firstS : 0;
}

/** Counts event times that are no whole microseconds, for formats that hold no others. */
export class RoundedTimes {
  private rounded = 0;
  private events = 0;

  /** The time in whole microseconds. */
  round(tUs: number): number {
    const whole = Math.round(tUs);
    this.events++;
    if (Math.abs(tUs - whole) > 1e-4) this.rounded++;
    return whole;
  }

  notes(format: string): string[] {
    if (this.rounded === 0) return [];
    return [
      `${format} holds whole microseconds: the times of ${this.rounded} of ${this.events} events were rounded`,
    ];
  }
}

/** What a format loses of the sensor, as a line for `end`, if anything. */
export function sensorLost(
  { sensor, taxels }: { sensor?: string | undefined; taxels?: number | undefined },
  format: string,
): string[] {
  const lost = [
    ...(taxels === undefined ? [] : [`the number of taxels (${taxels})`]),
    ...(sensor === undefined ? [] : [sensor]),
  ];
  return lost.length === 0 ? [] : [`${format} does not hold ${lost.join(', ')}`];
}
