/** Data sources as a stream of touch on one device clock: what `whorl simulate` sends and `whorl replay` plays. */
import { basename } from 'node:path';
import { createEventBatch, type EventBatch, type Geometry, simulateSequence } from '../../devices/index.js';
import { type Dataset, type InputSpec, NetworkError, readRecordings } from '../../models/index.js';
import { type EventFormat, formatOf, openRecording } from '../convert/formats.js';
import { parseSimulator } from './source.js';

export interface Touch {
  /** Batches with times in whole microseconds from the start of the stream. */
  readonly events: Iterable<EventBatch> | AsyncIterable<EventBatch>;
  /** One line for people. */
  readonly about: string;
  /** Shape of the windows that the stream consists of, end to end; absent for a stream without such a grid. */
  readonly windows?: { readonly input: InputSpec; readonly count: number };
}

/**
 * The simulator (`simulator:seed=7,count=20`), a recording of events (.tact, .csv, .mat, .aedat), or recorded windows as
 * touch of one sensor. Windows are laid end to end: window k begins at k times its length, so that a sliding window of that length and hop meets each one whole.
 * @param binUs length of a bin of recordings in microseconds, at least 1
 * @param limit contacts or recorded windows at most
 * Throws `NetworkError` for data that cannot be read, or that is not of this sensor.
 */
export async function openTouch(
  source: string,
  geometry: Geometry,
  binUs = 20_000,
  limit = Number.POSITIVE_INFINITY,
): Promise<Touch> {
  const simulator = parseSimulator(source);
  if (simulator !== undefined) {
    if (simulator.task !== 'contacts' || simulator.fingers !== 1)
      throw new NetworkError(
        `${source} is data for train and eval; touch of one sensor has neither task=slip nor fingers=2`,
      );
    return {
      events: contacts(geometry, simulator.seed, Math.min(limit, simulator.count), simulator.kinds),
      about: `simulated contacts, seed ${simulator.seed}`,
    };
  }
  const format = formatOf(source);
  if (format !== undefined && format !== 'npy' && format !== 'capture')
    return openEvents(source, format, geometry.taxels.length);
  const data = await readRecordings(source, binUs);
  const { taxels, channels } = data.input;
  if (taxels !== geometry.taxels.length)
    throw new NetworkError(
      `${source} has ${taxels} taxels, geometry ${geometry.id} has ${geometry.taxels.length}: name another with --geometry`,
    );
  if (channels !== 2)
    throw new NetworkError(`${source} has ${channels} polarities a taxel: one sensor has 2, ON and OFF`);
  const count = Math.min(limit, data.windows.length);
  return {
    events: recordedWindows(data, count),
    about: `${count} recorded windows of ${(data.input.bins * binUs) / 1e6} s`,
    windows: { input: data.input, count },
  };
}

/** A recording of events, of which the first comes at the beginning of the stream. */
async function openEvents(source: string, format: EventFormat, taxels: number): Promise<Touch> {
  const recording = await openRecording(source, format, { taxels });
  const found = recording.about.taxels;
  if (found !== undefined && found !== taxels) {
    await recording.close();
    throw new NetworkError(
      `${source} has ${found} taxels, the geometry has ${taxels}: name another with --geometry`,
    );
  }
  const events = async function* (): AsyncGenerator<EventBatch> {
    let firstUs: number | undefined;
    try {
      for await (const batch of recording.batches) {
        firstUs ??= batch.tUs[0] ?? 0;
        for (let i = 0; i < batch.length; i++) batch.tUs[i]! -= firstUs;
        yield batch;
      }
    } finally {
      await recording.close();
    }
  };
  return { events: events(), about: `recorded touch of ${basename(source)}` };
}

function* contacts(
  geometry: Geometry,
  seed: number,
  count: number,
  kinds: NonNullable<ReturnType<typeof parseSimulator>>['kinds'],
): Generator<EventBatch> {
  for (const { events } of simulateSequence({ geometry, seed, count, kinds })) yield events;
}

/** One event a cell, in the middle of its bin. */
export function* recordedWindows(data: Dataset, count: number): Generator<EventBatch> {
  const { taxels, channels, bins, binUs } = data.input;
  for (const [k, { cells }] of data.windows.slice(0, count).entries()) {
    const batch = createEventBatch(cells.length);
    batch.length = cells.length;
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i]!;
      const channel = cell % channels;
      const site = (cell - channel) / channels;
      batch.tUs[i] = Math.floor((k * bins + Math.floor(site / taxels) + 0.5) * binUs);
      batch.taxel[i] = site % taxels;
      batch.polarity[i] = channel === 0 ? 1 : 0;
    }
    yield batch;
  }
}
