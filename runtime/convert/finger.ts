import {
  appendEvent,
  createEventBatch,
  type EventBatch,
  neutouchA,
  neutouchB,
  type Recording,
  RecordingError,
} from '../../devices/index.js';

/** Cells of a recording of both NeuTouch fingers: 40 receptor ids each, of which one is not there. */
const receptors = 40;

/**
 * One NeuTouch finger of a recording of both (80 cells): its taxels in the order of the geometry neutouch-a or
 * neutouch-b. Throws RecordingError for a recording with another number of taxels.
 */
export function fingerOf<T extends Recording>(recording: T, finger: 'a' | 'b'): T {
  const { about, batches, notes } = recording;
  if (about.taxels !== 2 * receptors)
    throw new RecordingError(
      `--finger takes recordings of ${2 * receptors} cells, this one has ${about.taxels}`,
    );
  const geometry = finger === 'a' ? neutouchA : neutouchB;
  const rows = new Map(geometry.taxels.map(({ raw }, row) => [raw! + (finger === 'a' ? 0 : receptors), row]));
  let spares = 0;
  const chosen = async function* (): AsyncGenerator<EventBatch> {
    for await (const { length, tUs, taxel, polarity } of batches) {
      const kept = createEventBatch(length);
      for (let i = 0; i < length; i++) {
        const row = rows.get(taxel[i]!);
        if (row !== undefined) appendEvent(kept, tUs[i]!, row, polarity[i]!);
        else if (taxel[i]! < receptors === (finger === 'a')) spares++;
      }
      if (kept.length > 0) yield kept;
    }
  };
  return {
    ...recording,
    about: { ...about, taxels: geometry.taxels.length, sensor: `the sensor's geometry ${geometry.id}` },
    batches: chosen(),
    notes: () => [
      ...(notes?.() ?? []),
      ...(spares === 0
        ? []
        : [`${spares} events of a receptor that finger ${finger} does not have were left out`]),
    ],
  };
}
