import type { Taxel } from './geometry.js';

/** A regular pad: `rows` x `cols` cells. */
export interface Grid {
  readonly rows: number;
  readonly cols: number;
  /** Distance of neighbouring cells in mm along x and along y. */
  readonly pitch: readonly [x: number, y: number];
  /** Which neighbour cell 1 is: the next along the row, or the next along the column. Default: row-major. */
  readonly order?: 'row-major' | 'column-major';
  /** The corner where cell 0 lies. Default: top-left. */
  readonly origin?: Corner;
  /** Mirrors x, or y, of all cells afterwards: for a pad that is looked at from behind. Default: neither. */
  readonly flip?: readonly [x: boolean, y: boolean];
}

export const CORNERS = ['top-left', 'top-right', 'bottom-left', 'bottom-right'] as const;
export type Corner = (typeof CORNERS)[number];

/**
 * The cells of a grid in the order they are numbered, centred on (0, 0), x to the right, y up; `raw` is the number of
 * the cell.
 */
export function gridTaxels(grid: Grid): Taxel[] {
  const { rows, cols, pitch, order = 'row-major', origin = 'top-left', flip = [false, false] } = grid;
  const right = origin.endsWith('left') !== flip[0] ? 1 : -1;
  const up = origin.startsWith('bottom') !== flip[1] ? 1 : -1;
  return Array.from({ length: rows * cols }, (_, cell) => {
    const row = order === 'row-major' ? Math.floor(cell / cols) : cell % rows;
    const col = order === 'row-major' ? cell % cols : Math.floor(cell / rows);
    return {
      x: centred(col, cols, pitch[0]) * right,
      y: centred(row, rows, pitch[1]) * up,
      z: 0,
      raw: cell,
    };
  });
}

/** Coordinate of the i-th of `count` cells around 0. */
function centred(i: number, count: number, pitch: number): number {
  return (i - (count - 1) / 2) * pitch;
}
