import type { EventBatch } from '../../devices/index.js';
import type { Clock } from '../clock.js';
import {
  type ClosedWindow,
  type OpenWindow,
  type TriggerAnswer,
  type WindowCounters,
  Windower,
} from '../window/index.js';
import { Anytime, type AnytimePlan, planAnytime, type Update } from './anytime.js';
import { EveryStep } from './every-step.js';
import type { PipelineCounters, PipelineOptions, PipelineState } from './pipeline-options.js';
import type { Inference, LoadedModel } from './protocol.js';
import { type PipelineLoss, type PipelineResult, timings, type WindowFacts } from './result.js';
import type { WindowJob, WindowLane, WindowService } from './window-service.js';

/**
 * One pipeline: events of its sensors -> windows -> queue -> worker -> results, in the order of the windows. Shell
 * around the pure windower: it loads the model that gives the windows their shape, and keeps the times.
 */
export class Pipeline {
  readonly counters: PipelineCounters = {
    windows: 0,
    answered: 0,
    updates: 0,
    dropped: 0,
    lost: 0,
    failed: 0,
    cut: 0,
    eventsUnserved: 0,
  };
  private current: PipelineState = 'idle';
  private why = '';
  private served: { readonly handle: number; readonly model: LoadedModel } | undefined;
  private plan: AnytimePlan = { on: false, reason: 'no model is loaded' };
  private underWay: Anytime | EveryStep | undefined;
  private windower: Windower | undefined;
  private lane: WindowLane | undefined;
  private arrivedUs = 0;

  constructor(
    private readonly options: PipelineOptions,
    private readonly service: WindowService,
    private readonly clock: Pick<Clock, 'monoUs'>,
  ) {}

  get name(): string {
    return this.options.name;
  }

  get state(): PipelineState {
    return this.current;
  }

  /** Why it failed; empty otherwise. */
  get reason(): string {
    return this.why;
  }

  /** The model that serves, once running. */
  get model(): LoadedModel | undefined {
    return this.served?.model;
  }

  /** How it answers before the end of a window, in words. */
  get anytime(): string {
    if (!this.plan.on) return `off: ${this.plan.reason}`;
    const { everyBins } = this.plan;
    return everyBins === 1 ? 'every bin' : `every ${everyBins} bins`;
  }

  /** Why there are no answers before the end of a window though a number of bins was asked for; else undefined. */
  get missingAnytime(): string | undefined {
    return this.plan.on || !this.options.everyBins ? undefined : this.plan.reason;
  }

  /** Where the events went; undefined before the first model is loaded. */
  get windowCounters(): WindowCounters | undefined {
    return this.windower?.counters;
  }

  /** Loads the model. Never rejects: afterwards the pipeline is `running`, or `failed` with a reason. */
  async start(): Promise<void> {
    if (this.current !== 'idle') return;
    this.enter('loading');
    const loaded = await this.service.load(this.options.model);
    // It may have been stopped meanwhile.
    if (this.state !== 'loading') {
      if (loaded.ok) await this.service.unload(loaded.handle);
      return;
    }
    if (!loaded.ok) {
      this.enter('failed', loaded.reason);
      return;
    }
    const { everyBins, policy, everyAnswer = false } = this.options;
    try {
      this.plan = planAnytime(everyBins, loaded.model, policy, everyAnswer);
      this.windower = this.createWindower(loaded.model);
    } catch (error) {
      this.enter('failed', error instanceof Error ? error.message : String(error));
      await this.service.unload(loaded.handle);
      return;
    }
    this.served = loaded;
    const lane = this.service.open(this.options.queueLimit, () => this.checkModel(), everyAnswer);
    this.lane = lane;
    if (this.plan.on)
      this.underWay = new (everyAnswer ? EveryStep : Anytime)({
        ...loaded,
        plan: this.plan,
        onUpdate: (update) => this.update(loaded.model, update),
        onMore: (job) => this.service.offer(lane, [job]),
      });
    this.enter('running');
  }

  /** Takes no more events; waiting windows are dropped, the one at a worker is still answered. */
  async stop(): Promise<void> {
    if (this.current === 'stopped') return;
    this.enter('stopped');
    await this.release('stopped');
  }

  /** Events of a sensor. `arrivedUs`: monotonic time at which the chunk that held them arrived. */
  add(sensor: number, batch: EventBatch, arrivedUs = this.clock.monoUs()): void {
    if (this.current === 'running') this.tell((windower) => windower.add(sensor, batch), arrivedUs);
    else this.counters.eventsUnserved += batch.length;
  }

  /** A sensor's clock reads `tUs`; see `Windower.advance`. */
  advance(sensor: number, tUs: number, arrivedUs = this.clock.monoUs()): void {
    this.tell((windower) => windower.advance(sensor, tUs), arrivedUs);
  }

  /** A sensor's clock has restarted; see `Windower.epoch`. */
  epoch(sensor: number, offsetUs?: number): void {
    this.tell((windower) => windower.epoch(sensor, offsetUs));
  }

  /** Alignment of a sensor's clock; see `Windower.setOffset`. */
  setOffset(sensor: number, offsetUs: number): void {
    this.tell((windower) => windower.setOffset(sensor, offsetUs));
  }

  /** A sensor has come or gone; see `Windower.setOnline`. */
  setOnline(sensor: number, online: boolean): void {
    this.tell((windower) => windower.setOnline(sensor, online));
  }

  /** A sensor has lost events on the way; see `Windower.gap`. */
  gap(sensor: number): void {
    this.tell((windower) => windower.gap(sensor));
  }

  /** Asks for a window; see `Windower.trigger`. */
  trigger(atUs?: number): TriggerAnswer | 'not-running' {
    return this.tell((windower) => windower.trigger(atUs)) ?? 'not-running';
  }

  /** The end of a recording; see `Windower.flush`. */
  flush(): void {
    this.tell((windower) => windower.flush());
  }

  /** Tells the windower something, and the worker of the bins that this has completed: of all of them together. */
  private tell<T>(call: (windower: Windower) => T, arrivedUs = this.clock.monoUs()): T | undefined {
    if (this.current !== 'running' || this.windower === undefined) return undefined;
    this.arrivedUs = arrivedUs;
    const answer = call(this.windower);
    if (this.lane !== undefined && this.underWay !== undefined)
      this.service.offer(this.lane, this.underWay.takeDue());
    return answer;
  }

  private createWindower({ id, input, stopping }: LoadedModel): Windower {
    const { sensors, taxels, policy, maxLagUs, maxJumpUs, needsStopping } = this.options;
    if (needsStopping && stopping === undefined) {
      throw new RangeError(
        `model ${id} has no stopping rule, which anytime.decideBy: model needs; add one with whorl eval --anytime --target-error 0.05 --save-stopping FILE, or set anytime.decideBy to fixed`,
      );
    }
    if (taxels !== undefined && taxels !== input.taxels) {
      throw new RangeError(`model ${id} is for ${input.taxels} taxels, the sensors have ${taxels}`);
    }
    return new Windower({
      input,
      sensors: sensors.length,
      policy,
      ...(maxLagUs === undefined ? {} : { maxLagUs }),
      ...(maxJumpUs === undefined ? {} : { maxJumpUs }),
      onWindow: (window) => this.take(window),
      ...(!this.plan.on
        ? {}
        : {
            onBins: (window: OpenWindow) => this.underWay?.told(window, this.arrivedUs, this.clock.monoUs()),
            onLate: (index: number, bin: number, cell: number) => this.underWay?.late(index, bin, cell),
          }),
    });
  }

  private take({ cells, ...window }: ClosedWindow): void {
    const { lane, served } = this;
    if (lane === undefined || served === undefined) return;
    this.counters.windows++;
    const underWay = this.underWay?.close(window.index);
    if (underWay?.job !== undefined) this.service.withdraw(lane, underWay.job);
    if (window.reason === 'epoch') {
      this.lose(window, 'cut');
      return;
    }
    const { handle, model } = served;
    const whole = underWay === undefined || this.options.countSpikes === true;
    const { arrivedUs } = this;
    const closedUs = this.clock.monoUs();
    const job: WindowJob = {
      handle,
      run: async (worker) => {
        const tellBefore = underWay?.before === undefined ? undefined : await underWay.before(worker);
        const outcome = await (whole ? worker.infer(handle, cells) : underWay.finish(worker, cells));
        return () => {
          tellBefore?.();
          if (!outcome.ok) this.lose(window, outcome.lost ? 'lost' : 'refused', outcome.reason);
          else {
            this.counters.answered++;
            this.answer(
              model,
              { window, bin: model.input.bins, final: true },
              outcome.value,
              arrivedUs,
              closedUs,
            );
          }
        };
      },
      dropped: (reason) => this.lose(window, reason),
    };
    this.service.submit(lane, job);
  }

  private update(model: LoadedModel, { window, bin, arrivedUs, completedUs, inference }: Update): void {
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
    const { name, sensors, onResult } = this.options;
    onResult({
      ...inference,
      ...what,
      pipeline: name,
      sensors,
      model,
      timings: timings(arrivedUs, closedUs, this.clock.monoUs(), durations),
      dropped: this.counters.dropped,
    });
  }

  private lose(window: WindowFacts, cause: PipelineLoss['cause'], reason = ''): void {
    if (cause === 'cut') this.counters.cut++;
    else if (cause === 'lost') this.counters.lost++;
    else if (cause === 'refused') this.counters.failed++;
    else this.counters.dropped++;
    this.options.onLoss?.({ pipeline: this.name, window, cause, reason });
  }

  /** A worker that was started again could not bring the model back. */
  private checkModel(): void {
    const reason = this.served === undefined ? undefined : this.service.failure(this.served.handle);
    if (reason === undefined || this.current !== 'running') return;
    this.enter('failed', reason);
    void this.release('failed');
  }

  private async release(reason: 'stopped' | 'failed'): Promise<void> {
    const { lane, served } = this;
    this.lane = undefined;
    this.served = undefined;
    this.underWay = undefined;
    if (lane !== undefined) await this.service.close(lane, reason);
    if (served !== undefined) await this.service.unload(served.handle);
  }

  private enter(state: PipelineState, reason = ''): void {
    this.current = state;
    this.why = reason;
    this.options.onState?.(state, reason);
  }
}
