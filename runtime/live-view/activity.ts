/** What the live view remembers of the events: activity of each taxel, and how many came when. */
import type { EventBatch } from '../../devices/index.js';
import type { TaxelActivity } from './finger.js';

/** Time after which activity has fallen to 1/e, and length of a step of the history, in milliseconds. */
const fadeMs = 150;
const stepMs = 100;
const historySteps = 20;

export class Activity {
  readonly #on: Float32Array;
  readonly #off: Float32Array;
  #history: number[] = new Array(historySteps).fill(0);
  #present = 0;
  #fadedAtMs: number;
  #stepAtMs: number;

  constructor(
    private readonly positions: readonly { readonly x: number; readonly y: number }[],
    nowMs: number,
  ) {
    this.#on = new Float32Array(positions.length);
    this.#off = new Float32Array(positions.length);
    this.#fadedAtMs = nowMs;
    this.#stepAtMs = nowMs;
  }

  add({ length, taxel, polarity }: EventBatch): void {
    for (let i = 0; i < length; i++) {
      const side = polarity[i] === 1 ? this.#on : this.#off;
      const at = taxel[i]!;
      if (at < side.length) side[at]! += 1;
    }
    this.#present += length;
  }

  /** Lets the activity fade up to `nowMs`; call it once a picture. */
  advance(nowMs: number): void {
    const keep = Math.exp(-(nowMs - this.#fadedAtMs) / fadeMs);
    this.#fadedAtMs = nowMs;
    for (const side of [this.#on, this.#off])
      for (let i = 0; i < side.length; i++) side[i] = side[i]! < 0.01 ? 0 : side[i]! * keep;
    while (nowMs - this.#stepAtMs >= stepMs) {
      this.#stepAtMs += stepMs;
      this.#history = [...this.#history.slice(1), this.#present];
      this.#present = 0;
    }
  }

  get taxels(): TaxelActivity[] {
    return this.positions.map(({ x, y }, i) => ({ x, y, on: this.#on[i]!, off: this.#off[i]! }));
  }

  /** Events a tenth of a second, oldest first. */
  get history(): readonly number[] {
    return this.#history;
  }

  /** Events in the last second. */
  get eventsPerSecond(): number {
    return this.#history.slice(-1000 / stepMs).reduce((a, b) => a + b, 0);
  }
}
