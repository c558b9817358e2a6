import type { EventBatch } from '../../devices/index.js';
import type { Clock } from '../clock.js';
import {
  type ClosedWindow,
  type PolicySpec,
  type TriggerAnswer,
  type WindowCounters,
  Windower,
} from '../window/index.js';
import type { LoadedModel, ModelSource } from './protocol.js';
import { type PipelineLoss, type PipelineResult, timings, type WindowFacts } from './result.js';
import type { InferenceService, Job, Lane } from './service.js';
import type { Outcome } from './tickets.js';

export interface PipelineOptions {
  readonly name: string;
  /** Names of the sensors, in the order of the channels; a sensor is called by its index in this list. */
  readonly sensors: readonly string[];
  /** Taxels of each sensor; when given, a model for another number is refused. */
  readonly taxels?: number;
  readonly model: ModelSource;
  readonly policy: PolicySpec;
  /** Windows that may wait for a worker. */
  readonly queueLimit: number;
  /** See `WindowerOptions`. */
  readonly maxLagUs?: number;
  readonly maxJumpUs?: number;
  readonly onResult: (result: PipelineResult) => void;
  readonly onLoss?: (loss: PipelineLoss) => void;
  readonly onState?: (state: PipelineState, reason: string) => void;
}

/**
 *   idle      not started
 *   loading   its model is being loaded
 *   running   events become results
 *   failed    it has no usable model; `reason` says why. Events are counted and dropped
 *   stopped   takes no more events
 */
export type PipelineState = 'idle' | 'loading' | 'running' | 'failed' | 'stopped';

/** What happened to the windows of a pipeline: windows = answered + dropped + lost + failed + cut + waiting. */
export interface PipelineCounters {
  /** Windows that closed. */
  windows: number;
  answered: number;
  /** Windows that gave way to newer ones, or were waiting when the pipeline stopped or failed. */
  dropped: number;
  /** Windows that were with a worker when it ended. */
  lost: number;
  /** Windows that the worker refused or failed on. */
  failed: number;
  /** Windows cut by the restart of a sensor's clock; they are not classified. */
  cut: number;
  /** Events that came while there was no model. */
  eventsUnserved: number;
}

/**
 * One pipeline: events of its sensors -> windows -> queue -> worker -> results, in the order of the windows. Shell
 * around the pure windower: it loads the model that gives the windows their shape, and keeps the times.
 */
export class Pipeline {
  readonly counters: PipelineCounters = {
    windows: 0,
    answered: 0,
    dropped: 0,
    lost: 0,
    failed: 0,
    cut: 0,
    eventsUnserved: 0,
  };
  private current: PipelineState = 'idle';
  private why = '';
  private served: { readonly handle: number; readonly model: LoadedModel } | undefined;
  private windower: Windower | undefined;
  private lane: Lane | undefined;
  private arrivedUs = 0;

  constructor(
    private readonly options: PipelineOptions,
    private readonly service: InferenceService,
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
    try {
      this.windower = this.createWindower(loaded.model);
    } catch (error) {
      this.enter('failed', error instanceof Error ? error.message : String(error));
      await this.service.unload(loaded.handle);
      return;
    }
    this.served = loaded;
    this.lane = this.service.open(this.options.queueLimit, () => this.checkModel());
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
    const windower = this.receiver(arrivedUs);
    if (windower === undefined) this.counters.eventsUnserved += batch.length;
    else windower.add(sensor, batch);
  }

  /** A sensor's clock reads `tUs`; see `Windower.advance`. */
  advance(sensor: number, tUs: number, arrivedUs = this.clock.monoUs()): void {
    this.receiver(arrivedUs)?.advance(sensor, tUs);
  }

  /** A sensor's clock has restarted; see `Windower.epoch`. */
  epoch(sensor: number, offsetUs?: number): void {
    this.receiver()?.epoch(sensor, offsetUs);
  }

  /** Alignment of a sensor's clock; see `Windower.setOffset`. */
  setOffset(sensor: number, offsetUs: number): void {
    this.receiver()?.setOffset(sensor, offsetUs);
  }

  /** A sensor has come or gone; see `Windower.setOnline`. */
  setOnline(sensor: number, online: boolean): void {
    this.receiver()?.setOnline(sensor, online);
  }

  /** A sensor has lost events on the way; see `Windower.gap`. */
  gap(sensor: number): void {
    this.receiver()?.gap(sensor);
  }

  /** Asks for a window; see `Windower.trigger`. */
  trigger(atUs?: number): TriggerAnswer | 'not-running' {
    return this.receiver()?.trigger(atUs) ?? 'not-running';
  }

  /** The end of a recording; see `Windower.flush`. */
  flush(): void {
    this.receiver()?.flush();
  }

  private receiver(arrivedUs = this.clock.monoUs()): Windower | undefined {
    this.arrivedUs = arrivedUs;
    return this.current === 'running' ? this.windower : undefined;
  }

  private createWindower({ id, input }: LoadedModel): Windower {
    const { sensors, taxels, policy, maxLagUs, maxJumpUs } = this.options;
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
    });
  }

  private take({ cells, ...window }: ClosedWindow): void {
    const { lane, served } = this;
    if (lane === undefined || served === undefined) return;
    this.counters.windows++;
    if (window.reason === 'epoch') {
      this.lose(window, 'cut');
      return;
    }
    const { arrivedUs } = this;
    const closedUs = this.clock.monoUs();
    const job: Job = {
      handle: served.handle,
      cells,
      done: (outcome) => this.answer(window, served.model, arrivedUs, closedUs, outcome),
      dropped: (reason) => this.lose(window, reason),
    };
    this.service.submit(lane, job);
  }

  private answer(
    window: WindowFacts,
    model: LoadedModel,
    arrivedUs: number,
    closedUs: number,
    outcome: Outcome<'infer'>,
  ): void {
    if (!outcome.ok) {
      this.lose(window, outcome.lost ? 'lost' : 'refused', outcome.reason);
      return;
    }
    this.counters.answered++;
    const { durations, ...inference } = outcome.value;
    const { name, sensors, onResult } = this.options;
    onResult({
      ...inference,
      pipeline: name,
      sensors,
      window,
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
    if (lane !== undefined) await this.service.close(lane, reason);
    if (served !== undefined) await this.service.unload(served.handle);
  }

  private enter(state: PipelineState, reason = ''): void {
    this.current = state;
    this.why = reason;
    this.options.onState?.(state, reason);
  }
}
