import type { Clock } from '../clock.js';
import type { ClosedWindow, OpenWindow } from '../window/index.js';
import type { Update } from './anytime.js';
import type { PipelineCounters, PipelineOptions } from './pipeline-options.js';
import type { Inference, LoadedModel } from './protocol.js';
import { type PipelineLoss, type PipelineResult, timings, type WindowFacts } from './result.js';
import type { Shadow } from './shadow.js';
import type { ShedLevel } from './shed.js';
import type { Succession } from './succession.js';
import type { WindowJob, WindowLane, WindowService } from './window-service.js';

/** From the windows of a pipeline, open and closed, to their ends: answered, or lost for a reason; each is counted. */
export class Answering {
  readonly counters: PipelineCounters = {
    windows: 0,
    answered: 0,
    updates: 0,
    late: 0,
    dropped: 0,
    shedWindows: 0,
    shedUpdates: 0,
    shedShadow: 0,
    lost: 0,
    failed: 0,
    cut: 0,
    eventsUnserved: 0,
  };
  /** When the chunk arrived that the windower is being told of. */
  arrivedUs = 0;
  /** What is left out. */
  shedLevel: ShedLevel = 0;

  constructor(
    private readonly options: PipelineOptions,
    private readonly models: Succession,
    private readonly service: WindowService,
    private readonly clock: Pick<Clock, 'monoUs'>,
  ) {}

  /** Whether an answer before the end of a window that is due is to be asked for; one that is not is counted. */
  mayUpdate(): boolean {
    if (this.shedLevel < 2) return true;
    this.counters.shedUpdates++;
    return false;
  }

  /** Bins of an open window are complete. */
  told(window: OpenWindow): void {
    this.models.at(window.index)?.told(window, this.arrivedUs, this.clock.monoUs());
  }

  /** A window has closed. */
  take({ cells, ...window }: ClosedWindow, lane: WindowLane, trial: Shadow | undefined): void {
    const { arrivedUs } = this;
    const serving = this.models.at(window.index);
    this.counters.windows++;
    if (serving === undefined) {
      this.lose(window, 'failed', 'its model failed while it was open');
      return;
    }
    const underWay = serving.close(window.index);
    this.models.passed(window.index);
    if (underWay?.job !== undefined) this.service.withdraw(lane, underWay.job);
    const lose = (cause: PipelineLoss['cause'], reason?: string): void => {
      serving.settled(); // first: whoever is told may throw
      this.lose(window, cause, reason);
    };
    if (window.reason === 'epoch') {
      lose('cut');
      return;
    }
    if (trial !== undefined && this.shedLevel >= 1) this.counters.shedShadow++;
    else trial?.take(window, cells.slice());
    const { handle, model } = serving.prepared;
    const whole = underWay === undefined || this.options.countSpikes?.() === true;
    const closedUs = this.clock.monoUs();
    const job: WindowJob = {
      handle,
      run: async (worker) => {
        const tellBefore = underWay?.before === undefined ? undefined : await underWay.before(worker);
        const outcome = await (whole ? worker.infer(handle, cells) : underWay.finish(worker, cells));
        const end = (): void => {
          if (!outcome.ok) {
            lose(outcome.lost ? 'lost' : 'refused', outcome.reason);
            return;
          }
          serving.settled();
          this.counters.answered++;
          const what = { window, bin: model.input.bins, final: true };
          this.answer(model, what, outcome.value, arrivedUs, closedUs);
        };
        return () => {
          try {
            tellBefore?.();
          } finally {
            end(); // whoever is told may throw
          }
        };
      },
      dropped: (reason) => lose(reason === 'newer' && this.shedLevel >= 3 ? 'shed' : reason),
    };
    this.service.submit(lane, job);
  }

  /** A model has answered a window that is still open. */
  update(model: LoadedModel, { window, bin, arrivedUs, completedUs, inference }: Update): void {
    this.counters.updates++;
    const { from: _, bins: __, ...facts } = window;
    this.answer(model, { window: facts, bin, final: false }, inference, arrivedUs, completedUs);
  }

  private answer(
    model: LoadedModel,
    what: Pick<PipelineResult, 'window' | 'bin' | 'final'>,
    { durations, ...inference }: Inference,
    arrivedUs: number,
    closedUs: number,
  ): void {
    const { name, sensors, onResult, deadlineUs } = this.options;
    const taken = timings(arrivedUs, closedUs, this.clock.monoUs(), durations);
    const late = deadlineUs !== undefined && taken.totalUs > deadlineUs();
    if (late) this.counters.late++;
    onResult({
      ...inference,
      ...what,
      pipeline: name,
      sensors,
      model,
      timings: taken,
      late,
      dropped: this.counters.dropped + this.counters.shedWindows,
    });
  }

  private lose(window: WindowFacts, cause: PipelineLoss['cause'], reason = ''): void {
    if (cause === 'cut') this.counters.cut++;
    else if (cause === 'lost') this.counters.lost++;
    else if (cause === 'refused') this.counters.failed++;
    else if (cause === 'shed') this.counters.shedWindows++;
    else this.counters.dropped++;
    this.options.onLoss?.({ pipeline: this.options.name, window, cause, reason });
  }
}
