/** Stretches of time kept; older ones are forgotten, their windows have long closed. */
const MOST = 64;

/** Stretches of pipeline time in which events may be missing. Stretches that touch become one. */
export class Gaps {
  private stretches: { readonly fromUs: number; readonly toUs: number }[] = [];

  note(fromUs: number, toUs: number): void {
    const touches = (other: { fromUs: number; toUs: number }) => other.fromUs <= toUs && other.toUs >= fromUs;
    const joined = this.stretches.filter(touches);
    const apart = this.stretches.filter((other) => !touches(other));
    apart.push({
      fromUs: Math.min(fromUs, ...joined.map((other) => other.fromUs)),
      toUs: Math.max(toUs, ...joined.map((other) => other.toUs)),
    });
    this.stretches = apart.slice(-MOST);
  }

  /** Whether any stretch reaches into [startUs, endUs). */
  overlap(startUs: number, endUs: number): boolean {
    return this.stretches.some(({ fromUs, toUs }) => startUs < toUs && endUs > fromUs);
  }

  clear(): void {
    this.stretches = [];
  }
}
