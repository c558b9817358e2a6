/** The live view on a terminal: draws 15 times a second on the alternate screen, and gives the terminal back as it was. */
import type { EventBatch, Geometry } from '../../devices/index.js';
import { Activity } from '../live-view/activity.js';
import { renderView, type ViewState, viewSize } from '../live-view/view.js';
import type { DemoScore } from './demo-score.js';

const frameMs = 66;
const enter = '\x1b[?1049h\x1b[?25l\x1b[2J';
const leave = '\x1b[?25h\x1b[?1049l';

export class LiveScreen {
  /** Whether there is a terminal, large enough for the picture and the line below it. */
  static fits({ isTTY, columns, rows }: NodeJS.WriteStream): boolean {
    return isTTY && columns >= viewSize.columns && rows > viewSize.rows;
  }

  readonly #activity: Activity;
  readonly #colors = process.env['NO_COLOR'] === undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    geometry: Geometry,
    private readonly score: DemoScore,
    private readonly onQuit: () => void,
  ) {
    this.#activity = new Activity(geometry.taxels, performance.now());
  }

  events(batch: EventBatch): void {
    this.#activity.add(batch);
  }

  start(): void {
    process.stdout.write(enter);
    if (process.stdin.isTTY) {
      process.stdin.setRawMode(true);
      process.stdin.on('data', this.#key).resume();
    }
    this.#timer = setInterval(() => this.#draw(), frameMs);
  }

  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (process.stdin.isTTY) {
      process.stdin.off('data', this.#key).pause();
      process.stdin.setRawMode(false);
    }
    process.stdout.write(`${leave}${this.#lines().join('\n')}\n`);
  }

  /** In raw mode Ctrl-C comes as a character. */
  readonly #key = (data: Buffer): void => {
    if (data.includes('q') || data.includes('\x03')) this.onQuit();
  };

  #draw(): void {
    this.#activity.advance(performance.now());
    process.stdout.write(`\x1b[H${this.#lines().join('\x1b[K\r\n')}\x1b[J`);
  }

  #lines(): string[] {
    return renderView(this.#state(), this.#colors);
  }

  #state(): ViewState {
    const { last, latency, windows, right, dropped, where } = this.score;
    const labels = last?.result.model.labels ?? [];
    return {
      title: 'whorl demo',
      where,
      taxels: this.#activity.taxels,
      scores: labels.map((label, c) => ({ label, score: last!.result.decision.scores[c]! })),
      ...(last === undefined
        ? {}
        : {
            decision: {
              label: last.body.label,
              confidence: last.body.confidence,
              window: last.body.window + 1,
              events: last.result.window.events,
              ...(last.truth === undefined ? {} : { truth: last.truth }),
            },
          }),
      eventHistory: this.#activity.history,
      eventsPerSecond: this.#activity.eventsPerSecond,
      ...(latency === undefined ? {} : { latency }),
      windows,
      right,
      dropped,
      hint: 'q or Ctrl-C ends',
    };
  }
}
