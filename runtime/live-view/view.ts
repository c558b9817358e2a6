/** The live view: one picture of what the runtime sees and says. Pure: state in, lines out. */
import { drawFinger, type TaxelActivity } from './finger.js';
import { bar, Canvas, clip, sparkline } from './paint.js';

export interface ViewState {
  readonly title: string;
  /** What the title line says at its right end, e.g. the topic to subscribe to. */
  readonly where: string;
  readonly taxels: readonly TaxelActivity[];
  /** Classes in the order of the model. */
  readonly scores: readonly { readonly label: string; readonly score: number }[];
  /** The last decision, or undefined before the first. */
  readonly decision?: {
    readonly label: string;
    readonly confidence: number;
    readonly window: number;
    readonly events: number;
    /** What the touch really was, where that is known. */
    readonly truth?: string;
  };
  /** Events of the last tenths of a second, oldest first. */
  readonly eventHistory: readonly number[];
  readonly eventsPerSecond: number;
  /** Milliseconds from the last byte of a window to its message, over the last windows. */
  readonly latency?: { readonly p50: number; readonly p99: number };
  readonly windows: number;
  readonly dropped: number;
  /** Decisions that agree with the truth, where it is known. */
  readonly right?: number;
  readonly hint: string;
}

export const viewSize = { columns: 80, rows: 20 } as const;
const grey = 244;
const fingerBox = { row: 2, column: 3, width: 23, height: 15 };
const panel = 32;

/** Lines of the picture, `viewSize.rows` of them. */
export function renderView(state: ViewState, colors: boolean): string[] {
  const canvas = new Canvas(viewSize.columns, viewSize.rows);
  canvas.text(0, 1, state.title, { bold: true });
  const where = clip(state.where, viewSize.columns - 4 - state.title.length);
  canvas.text(0, viewSize.columns - 1 - where.length, where, { color: grey });
  drawFinger(canvas, state.taxels, fingerBox.row, fingerBox.column, fingerBox.width, fingerBox.height);
  canvas.text(18, 3, 'rising', { color: 214 });
  canvas.text(18, 10, 'falling', { color: 45 });
  drawScores(canvas, state, 2);
  drawDecision(canvas, state, Math.min(12, 3 + state.scores.length));
  drawFigures(canvas, state, 14);
  canvas.text(18, panel, state.hint, { color: grey });
  return canvas.lines(colors);
}

/** Classes that find room. */
const mostScores = 9;

function drawScores(canvas: Canvas, { scores, decision }: ViewState, row: number): void {
  const shown =
    scores.length <= mostScores ? scores : [...scores].sort((a, b) => b.score - a.score).slice(0, mostScores);
  for (const [i, { label, score }] of shown.entries()) {
    const best = label === decision?.label;
    canvas.text(row + i, panel, clip(label, 11), best ? { bold: true } : { color: grey });
    canvas.text(row + i, panel + 12, bar(score, 26), { color: best ? 214 : 67 });
    canvas.text(
      row + i,
      panel + 39,
      `${(100 * score).toFixed(0).padStart(4)} %`,
      best ? { bold: true } : { color: grey },
    );
  }
}

function drawDecision(canvas: Canvas, { decision }: ViewState, row: number): void {
  if (decision === undefined) {
    canvas.text(row, panel, 'waiting for the first touch', { color: grey });
    return;
  }
  const { label, confidence, truth, window, events } = decision;
  canvas.text(row, panel, `${clip(label, 12)}  ${(100 * confidence).toFixed(0)} %`, {
    bold: true,
    color: 214,
  });
  if (truth !== undefined) {
    const isRight = truth === label;
    const check = `it was ${clip(truth, 18)} ${isRight ? '✓' : '✗'}`;
    canvas.text(row, panel + 20, check, { color: isRight ? 114 : 203 });
  }
  canvas.text(row + 1, panel, `window ${window}, ${events} events`, { color: grey });
}

function drawFigures(canvas: Canvas, state: ViewState, row: number): void {
  const line = (at: number, name: string, value: string): void => {
    canvas.text(row + at, panel, name.padEnd(9), { color: grey });
    canvas.text(row + at, panel + 12, value);
  };
  line(
    0,
    'events/s',
    `${sparkline(state.eventHistory, 20).padStart(20)} ${state.eventsPerSecond.toLocaleString('en').padStart(7)}`,
  );
  line(
    1,
    'latency',
    state.latency === undefined
      ? '-'
      : `${state.latency.p50.toFixed(1)} ms median, ${state.latency.p99.toFixed(1)} ms p99`,
  );
  const right = state.right === undefined ? '' : `, ${state.right} right`;
  line(2, 'windows', `${state.windows}${right}, ${state.dropped} dropped`);
}
