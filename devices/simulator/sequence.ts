import { createEventBatch, type EventBatch, sliceEvents } from '../event.js';
import { Background } from './background.js';
import { type Contact, simulateContact, TAIL_US } from './contact.js';
import { CONTACT_KINDS, type MotionKind } from './motions.js';
import { fingerSeed } from './other-side.js';
import { deriveSeed, Random } from './random.js';
import { type Finger, type SensorOptions, sensorSettings } from './sensor-options.js';
import { OBJECT_SHAPES, type ObjectShape } from './shapes.js';

export interface SequenceOptions extends SensorOptions {
  /** A safe integer. */
  readonly seed: number;
  /** Number of contacts. Default: without end. */
  readonly count?: number;
  /** Kinds that occur, all as often. Default: all kinds of contact. */
  readonly kinds?: readonly MotionKind[];
  /** Shapes that occur. Default: all. */
  readonly shapes?: readonly ObjectShape[];
  /** Least silence between two contacts in microseconds. Default 500 000. */
  readonly gapUs?: number;
  /** Least time from start to start in microseconds: windows up to this length hold one contact. Default 1 500 000. */
  readonly periodUs?: number;
  /** Device time in microseconds at which the first contact starts. Default 500 000. */
  readonly startUs?: number;
}

export interface SequencedContact extends Contact {
  /** 0, 1, 2 ... */
  readonly index: number;
  /** Device time in microseconds at which the contact starts. */
  readonly startUs: number;
  /** Device time up to which `events` reaches: the start of the next contact. */
  readonly nextUs: number;
  /** The contact and the silence after it, times on the device clock. */
  readonly events: EventBatch;
}

/**
 * Contacts one after the other on one continuous device clock, with silence (but for background events) between them.
 * Contact `index` is the same whatever `count` is, and whether or not those before it were looked at closely: its seed
 * is derived from that of the sequence. In every run of as many contacts as there are kinds, each kind occurs once.
 */
export function* simulateSequence(options: SequenceOptions): Generator<SequencedContact, void, undefined> {
  const { seed, count = Number.POSITIVE_INFINITY, gapUs = 500_000, periodUs = 1_500_000 } = options;
  const shapes = options.shapes ?? OBJECT_SHAPES;
  let startUs = options.startUs ?? 500_000;
  for (let index = 0; index < count; index++) {
    const contactSeed = deriveSeed(seed, index);
    const kind = kindAt(options.kinds ?? CONTACT_KINDS, seed, index);
    const shape = new Random(deriveSeed(contactSeed, 1)).pick(shapes);
    const contact = simulateContact({ ...options, kind, shape, seed: contactSeed });
    const nextUs = startUs + Math.max(contact.durationUs + Math.max(gapUs, TAIL_US), periodUs);
    const quiet = silence(
      options,
      deriveSeed(fingerSeed(contactSeed, options.finger ?? 0), 2),
      contact.durationUs + TAIL_US,
      nextUs - startUs,
    );
    yield { ...contact, index, startUs, nextUs, events: onDeviceClock(startUs, contact.events, quiet) };
    startUs = nextUs;
  }
}

/**
 * A sequence as a gripper feels it: of each contact what finger 0 feels (the same as from `simulateSequence`), and what
 * finger 1 feels on the other side of the object, on the same clock.
 */
export function* simulateGrasps(
  options: Omit<SequenceOptions, 'finger'>,
  fingers: readonly Finger[],
): Generator<readonly SequencedContact[], void, undefined> {
  const sequences = fingers.map((finger) => simulateSequence({ ...options, finger }));
  while (true) {
    const felt = sequences.flatMap((sequence) => sequence.next().value ?? []);
    if (felt.length === 0) return;
    yield felt;
  }
}

/** Kind of contact `index`: every block of as many contacts as there are kinds is a shuffle of all. */
function kindAt(kinds: readonly MotionKind[], seed: number, index: number): MotionKind {
  if (kinds.length === 0) throw new RangeError('kinds is empty; name at least one kind of contact');
  const block = new Random(deriveSeed(~seed, Math.floor(index / kinds.length))).shuffled(kinds);
  return block[index % kinds.length]!;
}

/** The background events of a silence that lasts from `fromUs` to `toUs`. */
function silence(options: SensorOptions, seed: number, fromUs: number, toUs: number): EventBatch {
  const { geometry, backgroundHz } = sensorSettings(options);
  const expected = (backgroundHz * (toUs - fromUs)) / 1e6;
  const out = createEventBatch(Math.ceil(2 * expected + 50));
  new Background(geometry.taxels.length, backgroundHz, new Random(seed)).append(0, toUs - fromUs, out);
  for (let i = 0; i < out.length; i++) out.tUs[i]! += fromUs;
  return out;
}

/** Both batches, one after the other, `startUs` later. */
function onDeviceClock(startUs: number, contact: EventBatch, quiet: EventBatch): EventBatch {
  const events = createEventBatch(contact.length + quiet.length);
  let length = 0;
  for (const part of [contact, sliceEvents(quiet)]) {
    events.tUs.set(part.tUs, length);
    events.taxel.set(part.taxel, length);
    events.polarity.set(part.polarity, length);
    length += part.length;
  }
  for (let i = 0; i < length; i++) events.tUs[i]! += startUs;
  events.length = length;
  return events;
}
