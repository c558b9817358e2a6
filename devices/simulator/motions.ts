/**
 * How an object moves in each kind of contact: position, angle and depth over time. Pure functions of time once drawn;
 * what is physical about each kind is said at its function, and why the figures are what they are in DESIGN.md.
 */
import type { Random } from './random.js';

export const CONTACT_KINDS = ['press', 'tap', 'slide', 'slip', 'rotate', 'texture', 'roll'] as const;
export type ContactKind = (typeof CONTACT_KINDS)[number];

/** All motions there are: the kinds of contact, and the hold that a slip is told from. */
export type MotionKind = ContactKind | 'hold';

/** Where the object is at one moment. */
export interface Pose {
  /** Centre in mm, in the frame of the sensor. */
  x: number;
  y: number;
  /** Turn of the object in radians, counter-clockwise. */
  angle: number;
  /** How far it has moved down since its first touch, mm; 0 or less: it does not touch. */
  depth: number;
  /** How much wider than drawn its underside is here: 1, but for rolling objects that are not round. */
  width: number;
}

export interface Motion {
  readonly seconds: number;
  /** Writes the pose at `t` seconds, 0 .. seconds, into `pose`. */
  readonly at: (t: number, pose: Pose) => void;
  /** Depth in mm and wavelength in mm of ridges on the underside, across the way it travels. */
  readonly ridges: { readonly depth: number; readonly length: number };
  /** Slip and hold: seconds until the shear is more than the grip bears; a slip gives way there, a hold grips tighter. */
  readonly strainedAt?: number;
}

/** The area that contacts are made on: its middle and half its extent, mm. */
export interface Pad {
  readonly x: number;
  readonly y: number;
  readonly halfWidth: number;
  readonly halfHeight: number;
}

/** Draws a motion of this kind somewhere on the pad; `round` objects turn about a point beside their centre. */
export function drawMotion(kind: MotionKind, pad: Pad, round: boolean, random: Random): Motion {
  switch (kind) {
    case 'press':
      return press(pad, random);
    case 'tap':
      return tap(pad, random);
    case 'slide':
      return slide(pad, random, smooth(random));
    case 'texture':
      return slide(pad, random, { depth: random.between(0.15, 0.3), length: random.between(0.5, 0.9) });
    case 'slip':
      return slip(pad, random);
    case 'hold':
      return hold(pad, random);
    case 'rotate':
      return rotate(pad, round, random);
    case 'roll':
      return roll(pad, random);
  }
}

/** In, hold with a hand's tremor, out. */
function press(pad: Pad, random: Random): Motion {
  const seconds = random.between(0.45, 0.9);
  const load = drawLoad(seconds, random);
  const place = drawPlace(pad, 0.45, random);
  const angle = random.between(0, 2 * Math.PI);
  return {
    seconds,
    ridges: smooth(random),
    at(t, pose) {
      set(pose, place.x, place.y, angle, load(t));
    },
  };
}

/** In and out in one go. */
function tap(pad: Pad, random: Random): Motion {
  const seconds = random.between(0.06, 0.15);
  const depth = drawDepth(random);
  const place = drawPlace(pad, 0.45, random);
  const angle = random.between(0, 2 * Math.PI);
  return {
    seconds,
    ridges: smooth(random),
    at(t, pose) {
      set(pose, place.x, place.y, angle, depth * Math.sin((Math.PI * t) / seconds));
    },
  };
}

/** In, travel at constant speed, out. With ridges, every taxel below trembles at speed / ridge length. */
function slide(pad: Pad, random: Random, ridges: Motion['ridges']): Motion {
  const way = drawWay(pad, random.between(6, 9.5), random);
  const start = random.between(0.14, 0.24);
  const end = start + way.length / random.between(19, 30);
  const seconds = end + random.between(0.14, 0.24);
  const load = drawLoad(seconds, random);
  return {
    seconds,
    ridges,
    at(t, pose) {
      const s = way.length * (clamp((t - start) / (end - start)) - 0.5);
      set(pose, way.x + s * way.dx, way.y + s * way.dy, way.angle, load(t));
    },
  };
}

/**
 * In, held by friction while shear lets it creep, then it gives way: fast, trembling with the stick and slip of its
 * surface, and caught again.
 */
function slip(pad: Pad, random: Random): Motion {
  const way = drawWay(pad, random.between(2.5, 5), random);
  const creep = random.between(0.3, 0.8);
  const gives = random.between(0.25, 0.45);
  const caught = gives + random.between(0.06, 0.14);
  const seconds = caught + random.between(0.15, 0.3);
  const load = drawLoad(seconds, random);
  const [tremor, hertz] = [random.between(0.1, 0.2), random.between(60, 150)];
  return {
    seconds,
    strainedAt: gives,
    ridges: smooth(random),
    at(t, pose) {
      const slipped = clamp((t - gives) / (caught - gives));
      const s = creep * clamp(t / gives) ** 2 + way.length * (slipped - 0.5);
      const moving = Math.sin(Math.PI * slipped);
      const depth = load(t) + tremor * moving * Math.sin(2 * Math.PI * hertz * t);
      set(pose, way.x + s * way.dx, way.y + s * way.dy, way.angle, depth);
    },
  };
}

/** As a slip until it would give way: there the grip tightens, trembling with the effort, and friction holds. */
function hold(pad: Pad, random: Random): Motion {
  const way = drawWay(pad, random.between(0.3, 0.8), random);
  const strained = random.between(0.25, 0.45);
  const held = strained + random.between(0.06, 0.14);
  const seconds = held + random.between(0.15, 0.3);
  const load = drawLoad(seconds, random);
  const tighter = random.between(0.1, 0.3);
  const [tremor, hertz] = [random.between(0.04, 0.12), random.between(60, 150)];
  return {
    seconds,
    strainedAt: strained,
    ridges: smooth(random),
    at(t, pose) {
      const gripped = clamp((t - strained) / (held - strained));
      const s = way.length * clamp(t / strained) ** 2;
      const shaking = tremor * Math.sin(Math.PI * gripped) * Math.sin(2 * Math.PI * hertz * t);
      set(
        pose,
        way.x + s * way.dx,
        way.y + s * way.dy,
        way.angle,
        load(t) * (1 + tighter * ease(gripped)) + shaking,
      );
    },
  };
}

/** In, turn about a fixed point, out. */
function rotate(pad: Pad, round: boolean, random: Random): Motion {
  const pivot = drawPlace(pad, 0.2, random);
  const arm = round ? random.between(2.5, 3.5) : random.between(0, 0.8);
  const from = random.between(0, 2 * Math.PI);
  const turn = random.eitherWay(random.between(2, 3.5));
  const start = random.between(0.08, 0.14);
  const end = start + random.between(0.45, 0.65);
  const seconds = end + random.between(0.08, 0.14);
  const load = drawLoad(seconds, random);
  return {
    seconds,
    ridges: smooth(random),
    at(t, pose) {
      const angle = from + turn * ease((t - start) / (end - start));
      set(pose, pivot.x + arm * Math.cos(angle), pivot.y + arm * Math.sin(angle), angle, load(t));
    },
  };
}

/**
 * The place of touch wanders while the load comes and goes with it, as when a finger rolls over an object: no rest at
 * either end, no trembling, and a footprint that widens or narrows on the way.
 */
function roll(pad: Pad, random: Random): Motion {
  const way = drawWay(pad, random.between(6, 10), random);
  const seconds = random.between(0.4, 0.8);
  const depth = drawDepth(random) * 1.1;
  const [wide, narrow] = [random.between(1.2, 1.5), random.between(0.6, 0.85)];
  const widens = random.next() < 0.5;
  return {
    seconds,
    ridges: { depth: 0, length: 1 },
    at(t, pose) {
      const done = t / seconds;
      const s = way.length * (done - 0.5);
      set(
        pose,
        way.x + s * way.dx,
        way.y + s * way.dy,
        way.angle,
        depth * clamp(Math.sin(Math.PI * done)) ** 0.8,
      );
      pose.width = narrow + (wide - narrow) * (widens ? done : 1 - done);
    },
  };
}

/** Depth over time of a load that comes, stays with a tremor of some Hz and a few per cent, and goes. */
function drawLoad(seconds: number, random: Random): (t: number) => number {
  const depth = drawDepth(random);
  const [attack, release] = [random.between(0.04, 0.1), random.between(0.04, 0.1)];
  const [tremor, hertz, phase] = [random.between(0.01, 0.04), random.between(3, 9), random.between(0, 6.28)];
  return (t) =>
    depth *
    ease(t / attack) *
    ease((seconds - t) / release) *
    (1 + tremor * Math.sin(2 * Math.PI * hertz * t + phase));
}

/** Indentation in mm: about a third of the thickness of a soft fingertip at most. */
function drawDepth(random: Random): number {
  return random.between(0.55, 1.05);
}

/** Every real surface is a little rough. */
function smooth(random: Random): Motion['ridges'] {
  return { depth: random.between(0, 0.02), length: random.between(0.5, 0.9) };
}

/** A point not farther from the middle than `reach` of the half extents. */
function drawPlace(pad: Pad, reach: number, random: Random): { x: number; y: number } {
  return {
    x: pad.x + pad.halfWidth * random.between(-reach, reach),
    y: pad.y + pad.halfHeight * random.between(-reach, reach),
  };
}

/** A straight way of `length` mm through the middle region, and the angle of an object that travels broadside on. */
function drawWay(pad: Pad, length: number, random: Random) {
  const direction = random.between(0, 2 * Math.PI);
  return {
    ...drawPlace(pad, 0.25, random),
    length,
    dx: Math.cos(direction),
    dy: Math.sin(direction),
    angle: direction + random.between(-0.4, 0.4),
  };
}

function set(pose: Pose, x: number, y: number, angle: number, depth: number): void {
  pose.x = x;
  pose.y = y;
  pose.angle = angle;
  pose.depth = depth;
  pose.width = 1;
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** 0 to 1 without a jerk at either end (smoothstep), constant outside. */
function ease(value: number): number {
  const x = clamp(value);
  return x * x * (3 - 2 * x);
}
