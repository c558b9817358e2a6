/** Colours and cells of a terminal picture. A picture is rows of cells; only at the end it becomes text. */

export interface Style {
  /** 256-colour foreground. */
  readonly color?: number;
  readonly bold?: boolean;
}

interface Cell {
  readonly character: string;
  readonly style: Style;
}

/** A grid of characters to draw on; what falls outside is cut off. */
export class Canvas {
  readonly #rows: Cell[][];

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.#rows = Array.from({ length: height }, () =>
      new Array<Cell>(width).fill({ character: ' ', style: {} }),
    );
  }

  text(row: number, column: number, text: string, style: Style = {}): void {
    const cells = this.#rows[row];
    if (cells === undefined) return;
    for (const [i, character] of [...text].entries()) {
      const at = column + i;
      if (at >= 0 && at < this.width) cells[at] = { character, style };
    }
  }

  /** The picture as lines; without `colors` plain characters only. */
  lines(colors: boolean): string[] {
    return this.#rows.map((cells) => {
      let line = '';
      let present: Style = {};
      for (const { character, style } of cells) {
        if (colors && style !== present) line += colourCode(style);
        present = style;
        line += character;
      }
      return colors ? `${line}\x1b[0m` : line.trimEnd();
    });
  }
}

function colourCode({ color, bold }: Style): string {
  const codes = ['0', ...(bold ? ['1'] : []), ...(color === undefined ? [] : ['38', '5', String(color)])];
  return `\x1b[${codes.join(';')}m`;
}

/** Eighth blocks, so that a bar moves smoothly. */
export function bar(share: number, cells: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * cells * 8);
  const full = Math.floor(eighths / 8);
  const part = full < cells ? ' ▏▎▍▌▋▊▉'[eighths % 8]! : '';
  return `${'█'.repeat(full)}${part}`.padEnd(cells);
}

/** A row of small columns, the newest last, scaled to the largest. */
export function sparkline(values: readonly number[], cells: number): string {
  const shown = values.slice(-cells);
  const top = Math.max(1, ...shown);
  return shown
    .map((value) => (value === 0 ? '·' : '▁▂▃▄▅▆▇█'[Math.min(7, Math.floor((value / top) * 8))]!))
    .join('');
}
