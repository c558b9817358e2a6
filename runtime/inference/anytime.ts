import type { InputSpec } from '../../models/index.js';
import { type OpenWindow, type PolicySpec, whyNotStaggered } from '../window/index.js';
import { WindowUnderWay } from './open-window.js';
import type { Inference, LoadedModel } from './protocol.js';
import type { Outcome } from './tickets.js';
import type { FreeWorker, Job } from './window-service.js';

/** Answers come so often when nothing else is asked for: at each bin, but not faster than this. */
const SHORTEST_US = 10_000;
/** Steps of a window that may be lost with a worker, or refused by one, before no more are tried. */
export const MOST_FAILURES = 2;

/** How a pipeline answers before the end of its windows, or why it does not. */
export type AnytimePlan =
  | {
      readonly on: true;
      readonly everyBins: number;
      /** Windows that may be open at once. */
      readonly streams: number;
      readonly streamBinUs: number;
    }
  | { readonly on: false; readonly reason: string };

/**
 * Decides how a pipeline answers during the touch.
 * @param everyBins answers after so many bins; 0: none; undefined: at each bin, 10 ms apart at least, where it can be had
 * @param waits the sensors are recordings, which wait for answers however slow they are
 * Throws RangeError when more windows would be open than can be answered and it was asked for by number.
 */
export function planAnytime(
  everyBins: number | undefined,
  { input, engine, streamBinUs, noStreams }: LoadedModel,
  policy: PolicySpec,
  waits = false,
): AnytimePlan {
  const off = (reason: string): AnytimePlan => ({ on: false, reason });
  if (everyBins === 0) return off('anytime.everyBins is 0');
  if (streamBinUs === undefined)
    return off(noStreams ?? `engine ${engine} answers whole windows only; engine event answers bin by bin`);
  if (!waits && streamBinUs > input.binUs / 2)
    return off(
      `a bin of ${input.binUs} us takes the engine ${Math.round(streamBinUs)} us, which is too slow`,
    );
  const lengthUs = input.bins * input.binUs;
  const streams = policy.kind === 'sliding' ? Math.ceil(lengthUs / policy.hopUs) : 1;
  const refusal =
    policy.kind === 'sliding' ? whyNotStaggered(input.binUs, lengthUs, policy.hopUs) : undefined;
  if (refusal !== undefined) {
    if (everyBins !== undefined && policy.kind === 'sliding' && policy.hopUs % input.binUs === 0)
      throw new RangeError(`${refusal}, or set anytime.everyBins to 0`);
    return off(refusal);
  }
  const often = Math.min(input.bins, everyBins ?? Math.max(1, Math.ceil(SHORTEST_US / input.binUs)));
  return { on: true, everyBins: often, streams, streamBinUs };
}

export function planInWords(plan: AnytimePlan): string {
  if (!plan.on) return `off: ${plan.reason}`;
  return plan.everyBins === 1 ? 'every bin' : `every ${plan.everyBins} bins`;
}

/** Whether the windows of a policy can be told of bin by bin. */
export function tellsBins(policy: PolicySpec, { bins, binUs }: InputSpec): boolean {
  return policy.kind !== 'sliding' || whyNotStaggered(binUs, bins * binUs, policy.hopUs) === undefined;
}

/** An answer before the end of a window. */
export interface Update {
  readonly window: OpenWindow;
  readonly bin: number;
  readonly arrivedUs: number;
  readonly completedUs: number;
  readonly inference: Inference;
}

/** A window under way, where it is computed, and what went wrong with it. */
export interface Pieces {
  readonly window: WindowUnderWay;
  readonly stream: number;
  /** Steps that were lost with a worker, and steps that one refused. */
  losses: number;
  refusals: number;
}

interface Entry extends Pieces {
  readonly job: Job;
  /** Of the chunk that completed the latest bin, and when it was completed. */
  arrivedUs: number;
  completedUs: number;
  /** Bins at the last update asked for and at the last one told. */
  asked: number;
  answered: number;
}

export interface AnytimeOptions {
  readonly model: LoadedModel;
  readonly handle: number;
  readonly plan: AnytimePlan & { readonly on: true };
  /** Takes answers, in order; each has more bins of its window than the one before. */
  readonly onUpdate: (update: Update) => void;
  /** Asked when an answer is due; without leave there is none before the next is due. Absent: there always is. */
  readonly mayAsk?: () => boolean;
  /** There is more to be asked for this job. */
  readonly onMore: (job: Job) => void;
}

/**
 * The windows of a pipeline that are under way, and the jobs that ask for their answers. An update that a worker loses
 * costs an answer and nothing else: the next one begins the window again, at whichever worker it comes to.
 */
export class Anytime {
  private readonly open = new Map<number, Entry>();
  private due = new Set<Job>();

  constructor(private readonly options: AnytimeOptions) {}

  told(told: OpenWindow, arrivedUs: number, completedUs: number): void {
    let entry = this.open.get(told.index);
    if (entry === undefined) {
      entry = this.begin(told);
      this.open.set(told.index, entry);
    } else entry.window.take(told);
    entry.arrivedUs = arrivedUs;
    entry.completedUs = completedUs;
    if (this.wants(entry)) this.due.add(entry.job);
  }

  late(index: number, bin: number, cell: number): void {
    this.open.get(index)?.window.takeLate(bin, cell);
  }

  /** Jobs of which there is news since the last call. */
  takeDue(): Iterable<Job> {
    const { due } = this;
    if (due.size > 0) this.due = new Set();
    return due;
  }

  /** A window is over; how to ask for its last answer, and the job that has become pointless. */
  close(index: number): ClosedUnderWay | undefined {
    const entry = this.open.get(index);
    if (entry === undefined) return undefined;
    this.open.delete(index);
    this.due.delete(entry.job);
    return {
      job: entry.job,
      finish: (worker, cells) => finishWindow(this.options, entry, worker, cells),
    };
  }

  private begin(told: OpenWindow): Entry {
    const { model, plan } = this.options;
    const entry: Entry = {
      window: new WindowUnderWay(told, model.input),
      job: { handle: this.options.handle, run: (worker) => this.update(entry, worker) },
      stream: told.index % plan.streams,
      arrivedUs: 0,
      completedUs: 0,
      asked: 0,
      answered: 0,
      losses: 0,
      refusals: 0,
    };
    return entry;
  }

  private isDue({ window, asked, losses, refusals }: Entry): boolean {
    const { everyBins } = this.options.plan;
    const more = Math.floor(window.completed / everyBins) > Math.floor(asked / everyBins);
    return more && losses < MOST_FAILURES && refusals < MOST_FAILURES;
  }

  private wants(entry: Entry): boolean {
    if (!this.isDue(entry)) return false;
    if (this.options.mayAsk?.() ?? true) return true;
    entry.asked = entry.window.completed;
    return false;
  }

  private async update(entry: Entry, worker: FreeWorker): Promise<() => void> {
    const { window, arrivedUs, completedUs } = entry;
    const { facts } = window;
    const step = window.nextStep(worker.session);
    entry.asked = step.to;
    const outcome = await worker.step({ handle: this.options.handle, stream: entry.stream, ...step }, false);
    if (!outcome.ok) this.failed(entry, outcome);
    if (this.open.get(facts.index) === entry && this.wants(entry)) this.options.onMore(entry.job);
    return () => {
      if (!outcome.ok || step.to <= entry.answered) return;
      entry.answered = step.to;
      const inference = outcome.value;
      this.options.onUpdate({ window: facts, bin: step.to, arrivedUs, completedUs, inference });
    };
  }

  private failed(entry: Entry, { lost }: { readonly lost: boolean }): void {
    entry.window.forget();
    entry.asked = 0;
    if (lost) entry.losses++;
    else entry.refusals++;
  }
}

/** Asks a free worker for the last answer of a window, of which `cells` are all cells. */
export type FinishWindow = (worker: FreeWorker, cells: Uint32Array<ArrayBuffer>) => Promise<Outcome<'step'>>;

/** A window that is over, as it stands with the workers. */
export interface ClosedUnderWay {
  /** A job that has become pointless. */
  readonly job?: Job;
  /** Asks for what is to be told before the last answer; resolves to what tells it. */
  readonly before?: (worker: FreeWorker) => Promise<() => void>;
  readonly finish: FinishWindow;
}

/** The last answer, by the stream where that is quicker than the whole window at once, which it is unless many bins are missing. */
export async function finishWindow(
  { handle, model, plan }: Pick<AnytimeOptions, 'handle' | 'model' | 'plan'>,
  { window, stream, losses, refusals }: Pieces,
  worker: FreeWorker,
  cells: Uint32Array<ArrayBuffer>,
): Promise<Outcome<'step'>> {
  if (losses >= MOST_FAILURES) {
    const reason = `${MOST_FAILURES} inference workers ended with parts of this window`;
    return { ok: false, lost: true, reason };
  }
  const quicker = window.missing(worker.session) * plan.streamBinUs <= model.medianUs;
  if (quicker && refusals === 0) {
    const step = window.lastStep(worker.session, cells);
    const outcome = await worker.step({ handle, stream, ...step }, true);
    if (outcome.ok || outcome.lost) return outcome;
  }
  return worker.infer(handle, cells);
}
