import type { EventBatch } from '../event.js';
import type { Geometry } from './geometry.js';

/** How the numbers a device sends are to be read. */
export interface SensorProfile {
  readonly geometry: Geometry;
  /** What the device sends as taxel: the row of the data, or the channel number of its hardware. */
  readonly addressing: 'row' | 'raw';
  /** True for a device whose polarity bit 1 means that the pressure fell. */
  readonly invertPolarity: boolean;
}

/** A profile for a device that speaks rows and the usual polarity, as whorl's own framing does. */
export function rowProfile(geometry: Geometry): SensorProfile {
  return { geometry, addressing: 'row', invertPolarity: false };
}

/** Translates batches from wire addresses to taxels, in place and without allocation. */
export class AddressMap {
  readonly #rowOf: Int32Array;
  readonly #flip: 0 | 1;

  constructor(profile: SensorProfile) {
    const { taxels } = profile.geometry;
    const address = (row: number): number => (profile.addressing === 'row' ? row : taxels[row]!.raw);
    const highest = taxels.reduce((max, _, row) => Math.max(max, address(row)), -1);
    this.#rowOf = new Int32Array(highest + 1).fill(-1);
    for (let row = 0; row < taxels.length; row++) this.#rowOf[address(row)] = row;
    this.#flip = profile.invertPolarity ? 1 : 0;
  }

  /**
   * Replaces the wire addresses of a batch by taxel rows and takes out events of addresses that no taxel has. The
   * batch is changed in place, its order kept. Returns the number of events taken out, for the caller to count.
   */
  apply(batch: EventBatch): number {
    const { length, tUs, taxel, polarity } = batch;
    let kept = 0;
    for (let i = 0; i < length; i++) {
      const address = taxel[i]!;
      const row = address < this.#rowOf.length ? this.#rowOf[address]! : -1;
      if (row < 0) continue;
      tUs[kept] = tUs[i]!;
      taxel[kept] = row;
      polarity[kept] = polarity[i]! ^ this.#flip;
      kept++;
    }
    batch.length = kept;
    return length - kept;
  }
}
