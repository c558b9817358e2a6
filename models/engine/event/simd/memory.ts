/**
 * Linear memory of a WebAssembly instance, handed out front to back and never taken back: networks live as long as
 * their executor. It is shared memory because that one can grow without detaching the arrays that look into it.
 */
const page = 65_536;
/** Most pages a memory may grow to: 1 GiB. */
const maximum = 16_384;
/** Alignment in bytes: a cache line. */
const alignment = 64;

export class LinearMemory {
  readonly memory = new WebAssembly.Memory({ initial: 1, maximum, shared: true });
  /** The module keeps nothing of its own in memory; address 0 stays free so that no array is at it. */
  #next = alignment;

  /** Throws RangeError when the memory would pass 1 GiB. */
  floats(length: number): Float32Array {
    const at = this.#reserve(4 * length); // before `buffer` is read: growing gives a new one
    return new Float32Array(this.memory.buffer, at, length);
  }

  indices(length: number): Uint32Array {
    const at = this.#reserve(4 * length);
    return new Uint32Array(this.memory.buffer, at, length);
  }

  bytes(length: number): Uint8Array {
    const at = this.#reserve(length);
    return new Uint8Array(this.memory.buffer, at, length);
  }

  #reserve(bytes: number): number {
    const at = this.#next;
    const end = at + Math.ceil(bytes / alignment) * alignment;
    const missing = Math.ceil(end / page) - this.memory.buffer.byteLength / page;
    if (missing > 0) this.memory.grow(missing);
    this.#next = end;
    return at;
  }
}
