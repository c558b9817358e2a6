import type { Windower } from '../window/index.js';

/** What sensors do while a pipeline has no model, for the windower to hear of when it has one. */
export class Missed {
  readonly #online = new Map<number, boolean>();
  readonly #epochs = new Set<number>();
  readonly #gaps = new Set<number>();

  /** A sensor has come or gone. */
  online(sensor: number, online: boolean): void {
    this.#online.set(sensor, online);
  }

  /** A sensor's clock has restarted. */
  epoch(sensor: number): void {
    this.#epochs.add(sensor);
  }

  /** Events of a sensor found no model. */
  gap(sensor: number): void {
    this.#gaps.add(sensor);
  }

  /** Tells it all, once. */
  tell(windower: Pick<Windower, 'epoch' | 'gap' | 'setOnline'>): void {
    for (const sensor of this.#epochs) windower.epoch(sensor);
    for (const sensor of this.#gaps) windower.gap(sensor);
    for (const [sensor, online] of this.#online) windower.setOnline(sensor, online);
    for (const known of [this.#epochs, this.#gaps, this.#online]) known.clear();
  }
}
