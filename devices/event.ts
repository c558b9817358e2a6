/**
 * Taxel events in columns: event i is (tUs[i], taxel[i], polarity[i]).
 *
 * Columns and not objects, because a sensor sends up to hundreds of thousands of events a second: a batch is
 * three typed arrays that are filled, handed on, reused or transferred to a worker as they are.
 */
export interface EventBatch {
  /** Number of valid events; the columns may be longer. */
  length: number;
  /** Time of each event in microseconds on the clock of whoever made the batch; non-decreasing. */
  readonly tUs: Float64Array;
  /** Taxel index, 0 .. taxels-1, in the row order of the sensor. */
  readonly taxel: Uint16Array;
  /** 1 = ON (pressure rose), 0 = OFF (pressure fell). */
  readonly polarity: Uint8Array;
}

/** An empty batch with room for `capacity` events. */
export function createEventBatch(capacity: number): EventBatch {
  return {
    length: 0,
    tUs: new Float64Array(capacity),
    taxel: new Uint16Array(capacity),
    polarity: new Uint8Array(capacity),
  };
}

/** A compact copy of events `from` (inclusive) to `to` (exclusive). */
export function sliceEvents(batch: EventBatch, from = 0, to = batch.length): EventBatch {
  return {
    length: to - from,
    tUs: batch.tUs.slice(from, to),
    taxel: batch.taxel.slice(from, to),
    polarity: batch.polarity.slice(from, to),
  };
}

/** One batch from rows `[tUs, taxel, polarity]`: for tests, files and examples, not for hot paths. */
export function eventsFrom(rows: readonly (readonly [number, number, number])[]): EventBatch {
  const batch = createEventBatch(rows.length);
  for (const [tUs, taxel, polarity] of rows) appendEvent(batch, tUs, taxel, polarity);
  return batch;
}

/** Appends one event; returns false, and changes nothing, when the batch is full. */
export function appendEvent(batch: EventBatch, tUs: number, taxel: number, polarity: number): boolean {
  const i = batch.length;
  if (i >= batch.tUs.length) return false;
  batch.tUs[i] = tUs;
  batch.taxel[i] = taxel;
  batch.polarity[i] = polarity;
  batch.length = i + 1;
  return true;
}
