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

/**
 * A grid of cells to draw on; what falls outside is cut off. A wide character (Chinese, most emoji) takes two cells,
 * the second of which is empty; characters that are not drawn, such as control codes, are left out.
 */
export class Canvas {
  readonly #rows: Cell[][];

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.#rows = Array.from({ length: height }, () => new Array<Cell>(width).fill(blank));
  }

  text(row: number, column: number, text: string, style: Style = {}): void {
    const cells = this.#rows[row];
    if (cells === undefined) return;
    let at = column;
    for (const character of text) {
      const width = widthOf(character);
      if (at >= 0 && at + width <= this.width && width > 0) put(cells, at, width, { character, style });
      at += width;
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

const blank: Cell = { character: ' ', style: {} };

/** Puts a character into its cells; of a wide one that loses a cell nothing stays. */
function put(cells: Cell[], at: number, width: number, cell: Cell): void {
  const end = at + width;
  if (cells[at]!.character === '') cells[at - 1] = blank;
  if (cells[end]?.character === '') cells[end] = blank;
  cells[at] = cell;
  if (width === 2) cells[at + 1] = { character: '', style: cell.style };
}

const unseen = /^[\p{C}\p{M}\p{Zl}\p{Zp}]$/u;
const wide =
  /^[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]$/u;

/** Cells that a character takes on a terminal: 0, 1 or 2. */
function widthOf(character: string): number {
  if (character >= ' ' && character <= '~') return 1;
  return unseen.test(character) ? 0 : wide.test(character) ? 2 : 1;
}

/** The first `cells` cells of a text, the last of them an ellipsis where it is longer. */
export function clip(text: string, cells: number): string {
  const characters = [...text];
  let taken = 0;
  const end = characters.findIndex((character) => {
    taken += widthOf(character);
    return taken > cells;
  });
  if (end < 0) return text;
  let kept = characters.slice(0, end);
  while (widthOfText(kept) > cells - 1) kept = kept.slice(0, -1);
  return `${kept.join('')}…`;
}

function widthOfText(characters: readonly string[]): number {
  return characters.reduce((sum, character) => sum + widthOf(character), 0);
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
