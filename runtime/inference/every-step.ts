import type { OpenWindow } from '../window/index.js';
import {
  type AnytimeOptions,
  type ClosedUnderWay,
  finishWindow,
  MOST_FAILURES,
  type Pieces,
} from './anytime.js';
import { WindowUnderWay } from './open-window.js';
import type { FreeWorker, Job } from './window-service.js';

/** An answer that is owed: the window's bins up to here, as the window stood then. */
interface OwedStep {
  readonly number: number;
  readonly pieces: Pieces;
  readonly bin: number;
  readonly window: OpenWindow;
  readonly arrivedUs: number;
  readonly completedUs: number;
}

/**
 * As `Anytime`, for recordings, which wait for their answers: none is skipped, and they come in the order in which the
 * bins were completed, windows that overlap included. What is told depends on the recording alone, and not on how fast
 * it is played or how busy the machine is.
 */
export class EveryStep {
  private readonly open = new Map<number, Pieces>();
  private readonly owed: OwedStep[] = [];
  private count = 0;
  private readonly job: Job;

  constructor(private readonly options: AnytimeOptions) {
    this.job = { handle: options.handle, run: (worker) => this.next(worker) };
  }

  told(told: OpenWindow, arrivedUs: number, completedUs: number): void {
    const { plan } = this.options;
    let pieces = this.open.get(told.index);
    const before = pieces?.window.completed ?? 0;
    if (pieces === undefined) {
      const window = new WindowUnderWay(told, this.options.model.input);
      pieces = { window, stream: told.index % plan.streams, losses: 0, refusals: 0 };
      this.open.set(told.index, pieces);
    } else pieces.window.take(told);
    const first = (Math.floor(before / plan.everyBins) + 1) * plan.everyBins;
    for (let bin = first; bin <= pieces.window.completed; bin += plan.everyBins)
      this.owed.push({ number: this.count++, pieces, bin, window: told, arrivedUs, completedUs });
  }

  late(index: number, bin: number, cell: number): void {
    this.open.get(index)?.window.takeLate(bin, cell);
  }

  /** The job that gives the answers that are owed, one a run. */
  takeDue(): Iterable<Job> {
    return this.owed.length > 0 ? [this.job] : [];
  }

  /** A window is over: what is owed so far comes before its last answer. */
  close(index: number): ClosedUnderWay | undefined {
    const pieces = this.open.get(index);
    if (pieces === undefined) return undefined;
    this.open.delete(index);
    const upTo = this.count;
    return {
      before: (worker) => this.give(worker, upTo),
      finish: (worker, cells) => finishWindow(this.options, pieces, worker, cells),
    };
  }

  private async next(worker: FreeWorker): Promise<() => void> {
    const first = this.owed[0];
    const tell = await this.give(worker, first === undefined ? 0 : first.number + 1);
    if (this.owed.length > 0) this.options.onMore(this.job);
    return tell;
  }

  /** Gives the answers with numbers below `upTo`; resolves to what tells of them, in order. */
  private async give(worker: FreeWorker, upTo: number): Promise<() => void> {
    const tells: (() => void)[] = [];
    while (this.owed[0] !== undefined && this.owed[0].number < upTo)
      tells.push(await this.step(this.owed.shift()!, worker));
    return () => {
      for (const tell of tells) tell();
    };
  }

  private async step({ pieces, bin, ...facts }: OwedStep, worker: FreeWorker): Promise<() => void> {
    const { handle, onUpdate } = this.options;
    const { window, stream } = pieces;
    for (let to = 0; pieces.losses + pieces.refusals < MOST_FAILURES; ) {
      const step = window.nextStep(worker.session, bin);
      to = step.to;
      const outcome = await worker.step({ handle, stream, ...step }, false);
      if (!outcome.ok) {
        window.forget();
        if (outcome.lost) pieces.losses++;
        else pieces.refusals++;
        break;
      }
      if (to >= bin) return () => onUpdate({ ...facts, bin, inference: outcome.value });
    }
    return () => {};
  }
}
