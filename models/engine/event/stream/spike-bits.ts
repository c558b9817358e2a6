import type { Kernels } from '../kernels.js';

/** Spikes of a layer at every scan step, one bit a neuron, in 32-bit words. */
export class SpikeBits {
  /** Words a step. */
  readonly words: number;
  /** [steps, words] */
  readonly bits: Uint32Array;

  constructor(kernels: Pick<Kernels, 'indices'>, neurons: number, steps: number) {
    this.words = Math.ceil(neurons / 32);
    this.bits = kernels.indices(this.words * steps);
  }

  copy(other: SpikeBits): void {
    this.bits.set(other.bits);
  }

  /**
   * Replaces the spikes of the neurons `from` to `to` of a step by `first` + the first `count` entries of `index`
   * (ascending). Returns whether anything changed.
   */
  replace(step: number, from: number, to: number, index: Uint32Array, count: number, first: number): boolean {
    const base = step * this.words;
    let changed = false;
    let k = 0;
    for (let word = from >>> 5; word << 5 < to; word++) {
      const start = word << 5;
      const low = Math.max(from, start) - start;
      const high = Math.min(to, start + 32) - start;
      const mask = ((high === 32 ? 0 : 1 << high) - (1 << low)) | 0;
      let fresh = 0;
      while (k < count && first + index[k]! < start + 32) fresh |= 1 << (first + index[k++]! - start);
      const before = this.bits[base + word]!;
      const after = ((before & ~mask) | fresh) >>> 0;
      if (after !== before) {
        this.bits[base + word] = after;
        changed = true;
      }
    }
    return changed;
  }

  /** Writes the neurons `from` to `to` (multiples of 32, or the end) that spike at a step into `out`; returns how many. */
  list(step: number, from: number, to: number, out: Uint32Array): number {
    const base = step * this.words;
    const end = Math.min(this.words, Math.ceil(to / 32));
    let count = 0;
    for (let word = from >>> 5; word < end; word++) {
      let bits = this.bits[base + word]!;
      while (bits !== 0) {
        const lowest = bits & -bits;
        out[count++] = (word << 5) + 31 - Math.clz32(lowest);
        bits ^= lowest;
      }
    }
    return count;
  }
}
