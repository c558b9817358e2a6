/** The finger, drawn taxel by taxel: warm where pressure rises (ON events), cool where it falls (OFF events). */
import type { Canvas, Style } from './paint.js';

export interface TaxelActivity {
  /** Position in millimetres. */
  readonly x: number;
  readonly y: number;
  /** Recent ON and OFF events, decaying, 0 at rest. */
  readonly on: number;
  readonly off: number;
}

/** Activity at which a taxel is drawn brightest. */
const full = 6;
const warm = [240, 94, 130, 172, 208, 214, 226];
const cool = [240, 24, 25, 31, 38, 45, 51];

/** Draws into the box at `row`, `column` of `width` x `height` characters; a character is about twice as high as wide. */
export function drawFinger(
  canvas: Canvas,
  taxels: readonly TaxelActivity[],
  row: number,
  column: number,
  width: number,
  height: number,
): void {
  if (taxels.length === 0) return;
  const [left, right] = extent(taxels.map(({ x }) => x));
  const [low, high] = extent(taxels.map(({ y }) => y));
  const scale = Math.min(
    (width - 1) / Math.max(1e-9, right - left),
    (2 * (height - 1)) / Math.max(1e-9, high - low),
  );
  for (const taxel of taxels) {
    const c = Math.round((width - 1) / 2 + (taxel.x - (left + right) / 2) * scale);
    const r = Math.round((height - 1) / 2 - ((taxel.y - (low + high) / 2) * scale) / 2);
    canvas.text(row + r, column + c, glyph(taxel), style(taxel));
  }
}

function glyph({ on, off }: TaxelActivity): string {
  const level = Math.max(on, off) / full;
  return level < 0.05 ? '·' : level < 0.3 ? '∘' : level < 0.65 ? 'o' : '●';
}

function style({ on, off }: TaxelActivity): Style {
  const ramp = on >= off ? warm : cool;
  const level = Math.min(1, Math.max(on, off) / full);
  return { color: ramp[Math.round(level * (ramp.length - 1))]!, bold: level > 0.6 };
}

function extent(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}
