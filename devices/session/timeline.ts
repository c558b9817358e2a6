import type { EventBatch } from '../event.js';

/** A step back by more than this, in microseconds, is a restart of the clock and no disorder. */
export const restartUs = 1_000_000;

/**
 * Keeps device time from going back within an epoch: what a listener is handed never lies before what it was handed
 * earlier. Pure.
 */
export class Timeline {
  private lastUs = Number.NEGATIVE_INFINITY;

  /** Device time handed out last; -Infinity at the start of an epoch. */
  get nowUs(): number {
    return this.lastUs;
  }

  /** Starts an epoch; false when nothing has been handed out in the old one. */
  restart(): boolean {
    const used = this.lastUs !== Number.NEGATIVE_INFINITY;
    this.lastUs = Number.NEGATIVE_INFINITY;
    return used;
  }

  /** Whether `deviceUs` lies so far back that the clock must have restarted. */
  isRestart(deviceUs: number): boolean {
    return deviceUs < this.lastUs - restartUs;
  }

  /** Moves times of the batch that lie back up to the last one, in place; returns how many. */
  align(batch: EventBatch): number {
    const { tUs, length } = batch;
    let last = this.lastUs;
    let moved = 0;
    for (let i = 0; i < length; i++) {
      const time = tUs[i]!;
      if (time >= last) {
        last = time;
      } else {
        tUs[i] = last;
        moved++;
      }
    }
    this.lastUs = last;
    return moved;
  }

  /** Time has passed to `deviceUs`; false when it had been there already. */
  advance(deviceUs: number): boolean {
    if (deviceUs <= this.lastUs) return false;
    this.lastUs = deviceUs;
    return true;
  }
}
