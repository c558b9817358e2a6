import type { DiscardReason, LevelSink } from '../decoder.js';
import { LevelFrame } from '../level-frame.js';
import { distanceTo, WindowDecoder } from '../window-decoder.js';

/** Taxels of the largest matrix that is read. */
export const maxCells = 4096;

/**
 * Reads FlexiTac's binary frames: `AA 55`, then one byte a taxel, row by row. There is no check value and no length,
 * and the mark may stand in the data as well: a frame counts only when the next one begins right behind it. So a frame
 * is told as the next begins; its time is that at which its last byte arrived.
 */
export class FlexitacDecoder extends WindowDecoder<LevelSink> {
  private readonly frame: LevelFrame;

  /** @param cells rows * columns. Throws RangeError when there are none or too many. */
  constructor(private readonly cells: number) {
    super(checkedCells(cells) + 4);
    this.frame = new LevelFrame(cells);
  }

  /** Levels of a frame. */
  get taxels(): number {
    return this.frame.length;
  }

  protected measure(bytes: Uint8Array, from: number, to: number): number {
    this.refusal = 'sync';
    if (bytes[from] !== 0xaa) return -distanceTo(0xaa, bytes, from, to);
    if (to - from < 2) return 0;
    if (bytes[from + 1] !== 0x55) return -1;
    const end = from + 2 + this.cells;
    if (end >= to) return 0;
    if (bytes[end] !== 0xaa) return -1;
    if (end + 1 >= to) return 0;
    return bytes[end + 1] === 0x55 ? end - from : -1;
  }

  protected take(
    bytes: Uint8Array,
    from: number,
    _to: number,
    sink: LevelSink,
    arrivalUs: number,
  ): DiscardReason | undefined {
    const { values } = this.frame;
    for (let i = 0; i < values.length; i++) values[i] = bytes[from + 2 + i]!;
    sink.levels(this.frame.arrived(arrivalUs));
    return undefined;
  }

  protected forget(): void {
    this.frame.forget();
  }
}

/** Throws RangeError unless a matrix may have so many taxels. */
export function checkedCells(cells: number): number {
  if (Number.isInteger(cells) && cells >= 1 && cells <= maxCells) return cells;
  throw new RangeError(`rows x columns is ${cells}; it must lie in 1 .. ${maxCells}`);
}
