import { createEventBatch, type EventBatch, sliceEvents } from '../event.js';
import type { Geometry } from '../sensor/geometry.js';
import { Background } from './background.js';
import { CONTACT_KINDS, drawMotion, type MotionKind, type Pad } from './motions.js';
import { fingerSeed, otherSide } from './other-side.js';
import { PressureField } from './pressure-field.js';
import { deriveSeed, Random } from './random.js';
import { type SensorOptions, sensorEncoder, sensorSettings } from './sensor-options.js';
import { drawUnderside, isRound, type ObjectShape } from './shapes.js';

export interface ContactOptions extends SensorOptions {
  readonly kind: MotionKind;
  readonly shape: ObjectShape;
  /** A safe integer: everything that the other options leave open is drawn from it. */
  readonly seed: number;
}

export interface Contact {
  readonly kind: MotionKind;
  readonly shape: ObjectShape;
  /** Index of the kind in CONTACT_KINDS; -1 for a hold, which is none of them. */
  readonly label: number;
  readonly durationUs: number;
  /** Slip and hold: when the shear is more than the grip bears, in microseconds from the start of the contact. */
  readonly strainedUs?: number;
  /** Times in microseconds from the start of the contact, whole numbers. */
  readonly events: EventBatch;
}

/** The sensor is watched for this long after the object has gone, while its last levels settle. */
export const TAIL_US = 30_000;

/** Most events of one contact; a sensor that has more to say says it late or not at all. */
const MAX_EVENTS = 262_144;

/**
 * One contact with a sensor that was at rest: an object of the given shape, its size, place, direction, speed and
 * force drawn from the seed, pressed onto the pad in the given way; the taxels' pressures with noise, frame by frame,
 * through the send-on-delta encoder. The same options give the same events on every machine; with `finger` 1 they give
 * what the other finger feels of the same contact.
 */
export function simulateContact(options: ContactOptions): Contact {
  const { kind, shape, seed } = options;
  const sensor = sensorSettings(options);
  const { geometry, frameUs, finger } = sensor;
  const taxels = geometry.taxels.length;
  const drawn = new Random(seed);
  const pad = padOf(geometry);
  const first = drawMotion(kind, pad, isRound(shape), drawn);
  const underside = drawUnderside(shape, drawn);
  const ownSeed = fingerSeed(seed, finger);
  const random = finger === 0 ? drawn : new Random(ownSeed);
  const motion = finger === 0 ? first : otherSide(first, pad, random);
  const field = new PressureField({ ...sensor, underside, motion, random });
  const encoder = sensorEncoder(sensor);
  const background = new Background(taxels, sensor.backgroundHz, new Random(deriveSeed(ownSeed, 0)));

  const durationUs = Math.round(motion.seconds * 1e6);
  const frames = Math.ceil((durationUs + TAIL_US) / frameUs);
  const scratch = createEventBatch(Math.min(MAX_EVENTS, frames * (taxels + 1)));
  for (let frame = 0; frame < frames; frame++) {
    const tUs = frame * frameUs;
    encoder.encode(field.at(tUs / 1e6), tUs, scratch);
    background.append(tUs + frameUs - 1, tUs + frameUs, scratch);
  }
  return {
    kind,
    shape,
    label: (CONTACT_KINDS as readonly MotionKind[]).indexOf(kind),
    durationUs,
    ...(motion.strainedAt === undefined ? {} : { strainedUs: Math.round(motion.strainedAt * 1e6) }),
    events: sliceEvents(scratch),
  };
}

/** The rectangle around the taxels of a geometry. */
function padOf({ taxels }: Geometry): Pad {
  const [left, right] = range(taxels.map(({ x }) => x));
  const [low, high] = range(taxels.map(({ y }) => y));
  return {
    x: (left + right) / 2,
    y: (low + high) / 2,
    halfWidth: (right - left) / 2,
    halfHeight: (high - low) / 2,
  };
}

function range(values: readonly number[]): [low: number, high: number] {
  return [Math.min(...values), Math.max(...values)];
}
