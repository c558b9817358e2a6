import {
  CaptureWriter,
  type Geometry,
  neutouchB,
  type SequencedContact,
  simulateSequence,
  sliceEvents,
  TefEncoder,
} from '../../devices/index.js';
import { hello } from './tef.js';

export interface CaptureOptions {
  readonly geometry?: Geometry;
  /** Leave out who the sensor is. */
  readonly anonymous?: true;
  /** End in the midst of the last contact, 300 ms after it began. */
  readonly abrupt?: true;
  /** Length of the chunks in which events arrive, each with a STATUS; without it a contact arrives at once. */
  readonly chunkUs?: number;
}

/** Simulated contacts, as a link to a sensor would have brought them: HELLO, EVENTS, and a STATUS after each contact. */
export async function writeCapture(
  path: string,
  contacts: Iterable<SequencedContact>,
  { geometry = neutouchB, anonymous, abrupt, chunkUs }: CaptureOptions = {},
): Promise<void> {
  const startedUs = 1_784_177_470_000_000;
  const writer = await CaptureWriter.create(path, { startedUs });
  const encoder = new TefEncoder();
  if (!anonymous)
    await writer.write(encoder.hello({ ...hello, taxels: geometry.taxels.length }), startedUs + 1000);
  const all = [...contacts];
  for (const [i, { events, startUs, nextUs }] of all.entries()) {
    const isCut = abrupt && i === all.length - 1;
    const end = events.tUs.findIndex((tUs) => tUs > startUs + 300_000);
    const felt = isCut ? sliceEvents(events, 0, end) : events;
    if (chunkUs === undefined) await writer.write(encoder.events(felt), startedUs + startUs + 500_000);
    else
      for (let fromUs = startUs, from = 0; fromUs < nextUs; fromUs += chunkUs) {
        const untilUs = Math.min(nextUs, fromUs + chunkUs);
        const found = felt.tUs.findIndex((tUs) => tUs >= untilUs);
        const to = found < 0 ? felt.length : found;
        if (to > from) await writer.write(encoder.events(sliceEvents(felt, from, to)), startedUs + untilUs);
        from = to;
        const uptime = { uptimeTicks: untilUs, events: to, dropped: 0, overruns: 0 };
        await writer.write(encoder.status(uptime), startedUs + untilUs);
      }
    const status = { uptimeTicks: nextUs, events: events.length, dropped: 0, overruns: 0 };
    if (!isCut) await writer.write(encoder.status(status), startedUs + nextUs);
  }
  await writer.close();
}

/** Simulated contacts on the NeuTouch finger. */
export function contactsOf(
  seed: number,
  count: number,
  kinds?: readonly SequencedContact['kind'][],
): SequencedContact[] {
  return [
    ...simulateSequence({ geometry: neutouchB, seed, count, ...(kinds === undefined ? {} : { kinds }) }),
  ];
}
