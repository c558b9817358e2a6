import type { Geometry } from '../sensor/geometry.js';
import type { Motion, Pose } from './motions.js';
import type { Random } from './random.js';
import type { Underside } from './shapes.js';

export interface PressureFieldOptions {
  readonly geometry: Geometry;
  readonly underside: Underside;
  readonly motion: Motion;
  /** Standard deviation of the white noise of a reading in kPa. */
  readonly noiseKpa: number;
  /** Standard deviation of the taxels' gains around 1. */
  readonly gainSpread: number;
  readonly random: Random;
}

/** Pressure a millimetre of indentation makes: soft silicone of a few millimetres. */
const KPA_PER_MM = 50;

/** Half width in mm of the soft start of contact: the skin bends before it is squeezed. */
const SOFTNESS_MM = 0.12;

/**
 * The pressure on each taxel while an object moves over the skin, as an elastic foundation (Winkler): where the
 * object's underside lies w mm below the resting surface, the skin presses back with w times its stiffness,
 *
 *   w(taxel) = depth - s - height(u, v) - ridges(u),   (u, v) = the taxel's place seen from the object
 *   p(taxel) = gain * stiffness * soft(w) + noise
 *
 * soft(w) being w for w > s, 0 for w < -s and a parabola between, s the softness: depth 0 is the first touch.
 */
export class PressureField {
  readonly #options: PressureFieldOptions;
  readonly #gain: Float64Array;
  readonly #x: Float64Array;
  readonly #y: Float64Array;
  readonly #frame: Float32Array;
  readonly #pose: Pose = { x: 0, y: 0, angle: 0, depth: 0, width: 1 };

  /** Draws the taxels' gains. */
  constructor(options: PressureFieldOptions) {
    const { geometry, gainSpread, random } = options;
    this.#options = options;
    this.#gain = Float64Array.from(geometry.taxels, () => Math.max(0, 1 + gainSpread * random.normal()));
    this.#x = Float64Array.from(geometry.taxels, ({ x }) => x);
    this.#y = Float64Array.from(geometry.taxels, ({ y }) => y);
    this.#frame = new Float32Array(geometry.taxels.length);
  }

  /** Pressures in kPa by taxel at `t` seconds from the start of the contact. The array is reused by the next call. */
  at(t: number): Float32Array {
    this.#press(t);
    const { noiseKpa, random } = this.#options;
    for (let i = 0; i < this.#frame.length; i++) this.#frame[i]! += noiseKpa * random.normal();
    return this.#frame;
  }

  /** The pressures without the noise. */
  #press(t: number): void {
    const { underside, motion } = this.#options;
    const { ridges, seconds } = motion;
    const pose = this.#pose;
    this.#frame.fill(0);
    if (t > seconds) return;
    motion.at(t, pose);
    const [c, s] = [Math.cos(pose.angle) / pose.width, Math.sin(pose.angle) / pose.width];
    const wave = (2 * Math.PI) / ridges.length;
    for (let i = 0; i < this.#frame.length; i++) {
      const [dx, dy] = [this.#x[i]! - pose.x, this.#y[i]! - pose.y];
      const [u, v] = [c * dx + s * dy, c * dy - s * dx];
      const below = pose.depth - SOFTNESS_MM - underside(u, v);
      if (below <= -SOFTNESS_MM) continue;
      const w = below - ridges.depth * (0.5 - 0.5 * Math.cos(wave * u));
      this.#frame[i] = this.#gain[i]! * KPA_PER_MM * soft(w);
    }
  }
}

function soft(w: number): number {
  if (w >= SOFTNESS_MM) return w;
  return w <= -SOFTNESS_MM ? 0 : (w + SOFTNESS_MM) ** 2 / (4 * SOFTNESS_MM);
}
