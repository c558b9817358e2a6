import type { DiscardReason, LevelSink } from '../decoder.js';
import { LevelFrame } from '../level-frame.js';
import { WindowDecoder } from '../window-decoder.js';
import { checkedCells } from './flexitac.js';
import { parseNumbers } from './numbers.js';

export interface MatrixTextOptions {
  readonly rows: number;
  readonly columns: number;
  /**
   * What ends a frame: `line`: a line is a frame, its values row by row; `blank-line`: a line is a row, and an empty line
   * follows the last.
   */
  readonly terminator: 'line' | 'blank-line';
  /** Characters that stand, alone or several together, between two values. Default: space, tab, comma, semicolon. */
  readonly separators?: string;
  /** What every line with values begins with. Default: nothing. */
  readonly prefix?: string;
  /** Values lie in 0 .. `max`; a line with another is no row. Default: any number. */
  readonly max?: number;
}

const newline = 0x0a;
/** Most bytes that a value takes, its separators included, and what a line may have besides. */
const bytesPerValue = 16;
const bytesPerLine = 64;

/**
 * Reads matrices of numbers as text, as 3D-ViTac and most sketches for resistive mats print them. What is no row with
 * the right number of values, and a frame with another number of rows, is discarded whole, as `body`; a line that does
 * not end, as `oversize`. The link may begin anywhere. Frames have the time at which their last line ended.
 */
export class MatrixTextDecoder extends WindowDecoder<LevelSink> {
  private readonly frame: LevelFrame;
  private readonly isByLine: boolean;
  private readonly rows: number;
  private readonly perLine: number;
  private readonly maxLine: number;
  private readonly isSeparator: Uint8Array;
  private readonly prefix: Uint8Array;
  private readonly max: number;
  /** Rows of the frame at the beginning that have been read, and the bytes that they take. */
  private row = 0;
  private offset = 0;
  /** Skipping to the end of the line (of the frame, where frames have several). */
  private lost = false;

  /** Throws RangeError for an option out of its range. */
  constructor(options: MatrixTextOptions) {
    const { rows, columns, terminator, separators = ' \t,;', prefix = '', max } = options;
    const cells = checkedCells(rows * columns);
    const isByLine = terminator === 'line';
    const maxLine = (isByLine ? cells : columns) * bytesPerValue + bytesPerLine + prefix.length;
    super((isByLine ? 1 : rows + 1) * (maxLine + 2));
    this.frame = new LevelFrame(cells);
    this.isByLine = isByLine;
    this.rows = isByLine ? 1 : rows;
    this.perLine = isByLine ? cells : columns;
    this.maxLine = maxLine;
    this.isSeparator = separatorTable(separators);
    this.prefix = new TextEncoder().encode(prefix);
    this.max = max ?? Number.POSITIVE_INFINITY;
  }

  /** Levels of a frame. */
  get taxels(): number {
    return this.frame.length;
  }

  protected measure(bytes: Uint8Array, from: number, to: number): number {
    this.refusal = 'body';
    for (;;) {
      const start = from + this.offset;
      const end = bytes.indexOf(newline, start);
      const isWhole = end >= 0 && end < to;
      if ((isWhole ? end : to) - start > this.maxLine) return this.giveUp();
      if (!isWhole) return 0;
      const length = this.readLine(bytes, start, end, end + 1 - from);
      if (length !== 0) {
        this.row = 0;
        this.offset = 0;
        return length;
      }
      this.offset = end + 1 - from;
    }
  }

  protected take(
    bytes: Uint8Array,
    from: number,
    to: number,
    sink: LevelSink,
    arrivalUs: number,
  ): DiscardReason | undefined {
    if (!isBlank(bytes, from, to - 1)) sink.levels(this.frame.arrived(arrivalUs));
    return undefined;
  }

  protected forget(): void {
    this.frame.forget();
    this.row = 0;
    this.offset = 0;
    this.lost = false;
  }

  /** A line that has no end: what stands before the limit goes, the rest is skipped. */
  private giveUp(): number {
    const length = this.offset + this.maxLine;
    this.row = 0;
    this.offset = 0;
    this.lost = true;
    this.refusal = 'oversize';
    return -length;
  }

  /** The line start .. end; what `measure` says of the `length` bytes up to its end, or 0 when the frame goes on. */
  private readLine(bytes: Uint8Array, start: number, end: number, length: number): number {
    const blank = isBlank(bytes, start, end);
    if (this.lost) {
      this.lost = !this.isByLine && !blank;
      return -length;
    }
    if (blank) {
      if (this.row === 0) return length;
      return this.row === this.rows ? length : -length;
    }
    if (this.row === this.rows) {
      this.lost = true;
      return -length;
    }
    if (!this.readRow(bytes, start, end)) return -length;
    this.row++;
    return this.isByLine ? length : 0;
  }

  private readRow(bytes: Uint8Array, start: number, end: number): boolean {
    const { prefix, perLine, row } = this;
    for (let i = 0; i < prefix.length; i++) if (bytes[start + i] !== prefix[i]) return false;
    const at = row * perLine;
    return parseNumbers(
      bytes,
      start + prefix.length,
      end,
      this.isSeparator,
      this.frame.values,
      at,
      perLine,
      this.max,
    );
  }
}

/** Whether a line has nothing but spaces, tabs and carriage returns. */
function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  }
  return true;
}

/** 1 for each character that may stand between values. Space and carriage return always may. */
function separatorTable(separators: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of `${separators} \r`) {
    const code = character.charCodeAt(0);
    if (code > 0x7f || code === newline || /[0-9.+-]/.test(character))
      throw new RangeError(`separators has ${JSON.stringify(character)}, which cannot stand between values`);
    table[code] = 1;
  }
  return table;
}
