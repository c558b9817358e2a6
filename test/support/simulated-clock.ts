/** Clocks and links that tests make up: a seeded generator, and a watch over a mapping's direction. */
import assert from 'node:assert/strict';
import type { ClockSync } from '../../devices/index.js';

/** A seeded generator of numbers from 0 to 1 (xorshift). */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Asks for the mapped time of later and later device times and checks that it never goes back. */
export class Watch {
  private last = Number.NEGATIVE_INFINITY;

  constructor(private readonly sync: ClockSync) {}

  at(deviceUs: number): number {
    const mappedUs = this.sync.toHostUs(deviceUs);
    assert.ok(mappedUs >= this.last - 0.5, `${mappedUs} after ${this.last} at ${deviceUs}`);
    this.last = mappedUs;
    return mappedUs;
  }

  /** A new epoch: earlier times do not compare. */
  restart(): void {
    this.last = Number.NEGATIVE_INFINITY;
  }
}

/** An error of at most the bound; a microsecond more, for times of 2^50 us have fractions of 1/4 us. */
export function assertInside(errorUs: number, boundUs: number, where: string): void {
  assert.ok(Math.abs(errorUs) <= boundUs + 1, `error ${errorUs} us, bound ${boundUs} us, ${where}`);
}
