/**
 * Seeded random numbers: sfc32 by Chris Doty-Humphrey (small fast counting generator, 128 bits of state). The same seed
 * gives the same numbers on every machine.
 */
export class Random {
  #a: number;
  #b: number;
  #c = 0x9e3779b9 | 0;
  #counter = 1;

  /** `seed` is any safe integer; all its 53 bits count. */
  constructor(seed: number) {
    this.#a = seed | 0;
    this.#b = Math.floor(seed / 2 ** 32) | 0;
    for (let i = 0; i < 15; i++) this.next();
  }

  /** Uniform in [0, 1). */
  next(): number {
    const out = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + out) | 0;
    return (out >>> 0) / 2 ** 32;
  }

  /** Uniform from `low` to `high`. */
  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** `size` or `-size`. */
  eitherWay(size: number): number {
    return this.next() < 0.5 ? size : -size;
  }

  /** About normal, mean 0 and variance 1, never beyond 3: the sum of three uniform numbers. */
  normal(): number {
    return 2 * (this.next() + this.next() + this.next()) - 3;
  }

  /** One of the items, each as likely. Throws RangeError when there is none. */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('there is nothing to pick from');
    return items[Math.floor(this.next() * items.length)]!;
  }

  /** The items in random order, in an array of their own (Fisher-Yates). */
  shuffled<T>(items: readonly T[]): T[] {
    const out = [...items];
    for (let i = out.length - 1; i > 0; i--) {
      const j = Math.floor(this.next() * (i + 1));
      [out[i], out[j]] = [out[j]!, out[i]!];
    }
    return out;
  }
}

/**
 * The seed of part `index` of something that was seeded with `seed`: 32 bits, unrelated for neighbouring indices, so
 * that parts can be made in any order and number (finaliser of MurmurHash3 over both).
 */
export function deriveSeed(seed: number, index: number): number {
  return mix(mix(mix(seed | 0) ^ (Math.floor(seed / 2 ** 32) | 0)) ^ Math.imul(index + 1, 0x9e3779b1)) >>> 0;
}

function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
