import type { ScanInput } from '../../../network/scan-input.js';

/** An active input of a scan step. */
export interface Active {
  readonly step: number;
  readonly input: number;
}

/** Active inputs by scan step, to which more can be added at any step. */
export class GrowingInput implements ScanInput {
  readonly start: Uint32Array;
  /** Room grows with the touch: few cells of a window are ever touched. */
  index = new Uint32Array(1024);

  constructor(private readonly steps: number) {
    this.start = new Uint32Array(steps + 1);
  }

  clear(): void {
    this.start.fill(0);
  }

  /** @param added inputs that are not active yet, in any order */
  insert(added: readonly Active[]): void {
    const sorted = [...added].sort((a, b) => a.step - b.step || a.input - b.input);
    this.#reserve(this.start[this.steps]! + sorted.length);
    // From the back, so that every entry moves once and into free room.
    let left = sorted.length;
    for (let step = this.steps - 1; left > 0; step--) {
      const begin = this.start[step]!;
      let from = this.start[step + 1]!;
      this.start[step + 1] = from + left;
      while (from > begin || (left > 0 && sorted[left - 1]!.step === step)) {
        const next = left > 0 && sorted[left - 1]!.step === step ? sorted[left - 1]!.input : -1;
        const to = from + left - 1;
        if (from > begin && this.index[from - 1]! > next) this.index[to] = this.index[--from]!;
        else {
          this.index[to] = next;
          left--;
        }
      }
    }
  }
  #reserve(length: number): void {
    if (length <= this.index.length) return;
    const larger = new Uint32Array(Math.max(length, 2 * this.index.length));
    larger.set(this.index);
    this.index = larger;
  }
}
