import { appendEvent, type EventBatch } from '../event.js';
import type { Random } from './random.js';

/**
 * Events that nothing causes, as every event sensor has them: a Poisson process over the whole pad, random taxel,
 * random polarity.
 */
export class Background {
  readonly #taxels: number;
  readonly #meanGapUs: number;
  readonly #random: Random;
  #nextUs: number;

  /** `hz` events a second over all taxels; 0 for none. Time starts at 0. */
  constructor(taxels: number, hz: number, random: Random) {
    this.#taxels = taxels;
    this.#meanGapUs = 1e6 / hz;
    this.#random = random;
    this.#nextUs = this.#gapUs();
  }

  /** Appends what is due before `untilUs`, stamped no earlier than `fromUs`. */
  append(fromUs: number, untilUs: number, out: EventBatch): void {
    while (this.#nextUs < untilUs) {
      const taxel = Math.floor(this.#random.next() * this.#taxels);
      appendEvent(out, Math.max(fromUs, this.#nextUs), taxel, this.#random.next() < 0.5 ? 0 : 1);
      this.#nextUs += this.#gapUs();
    }
  }

  /** Exponentially distributed, whole microseconds, at least 1. */
  #gapUs(): number {
    return Math.ceil(-Math.log(1 - this.#random.next()) * this.#meanGapUs + 1e-9);
  }
}
