import type { EventBatch } from '../../devices/index.js';
import type { InputSpec } from '../../models/index.js';
import type { Clock } from '../clock.js';
import type { TriggerAnswer, WindowCounters, Windower } from '../window/index.js';
import { Answering } from './answering.js';
import { type AnytimePlan, planAnytime, planInWords } from './anytime.js';
import { Missed } from './missed.js';
import type { PipelineCounters, PipelineOptions, PipelineState } from './pipeline-options.js';
import { createWindower } from './pipeline-windower.js';
import type { LoadedModel, ModelSource } from './protocol.js';
import { type Preparation, type Prepared, type Switch, whyNotFit } from './serving.js';
import { Shadow } from './shadow.js';
import type { ShedLevel } from './shed.js';
import { Succession } from './succession.js';
import type { LoadOutcome, WindowLane, WindowService } from './window-service.js';

/**
 * One pipeline: events of its sensors -> windows -> queue -> worker -> results, in the order of the windows. Shell
 * around the pure windower: it has the models loaded that give the windows their shape, and keeps the times.
 */
export class Pipeline {
  private readonly models = new Succession();
  private readonly answering: Answering;
  private current: PipelineState = 'idle';
  private why = '';
  private windower: Windower | undefined;
  private lane: WindowLane | undefined;
  private trial: Shadow | undefined;
  private readonly missed = new Missed();

  constructor(
    private readonly options: PipelineOptions,
    private readonly service: WindowService,
    private readonly clock: Pick<Clock, 'monoUs'>,
  ) {
    this.answering = new Answering(options, this.models, service, clock);
  }

  get counters(): Readonly<PipelineCounters> {
    return this.answering.counters;
  }

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
    return this.models.current?.model;
  }

  /** The model on trial. */
  get shadow(): Shadow | undefined {
    return this.trial;
  }

  /** What it leaves out because there is too much to do. */
  get shedLevel(): ShedLevel {
    return this.answering.shedLevel;
  }

  /** Whether it may leave anything out: recordings wait, so of those nothing is. */
  get mayShed(): boolean {
    return this.options.everyAnswer !== true;
  }

  /** Whether a worker computes an answer for it, or is to. */
  get isBusy(): boolean {
    return this.lane !== undefined && this.service.isBusy(this.lane);
  }

  /** How it answers before the end of a window, in words. */
  get anytime(): string {
    return planInWords(this.plan);
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
    const { model } = this.options;
    this.enter('loading');
    const readied =
      'missing' in model
        ? { ok: false as const, reason: model.missing }
        : await this.fit(await this.service.load(model));
    // It may have been stopped meanwhile.
    if (this.state !== 'loading') {
      if (readied.ok) await this.service.unload(readied.prepared.handle);
    } else if (readied.ok) this.serve(readied.prepared);
    else this.enter('failed', readied.reason);
  }

  /**
   * Makes a model ready to serve, at a worker of its own and beside what serves now. Never rejects.
   * @param limitMs a model that takes longer to load and to prove itself is refused
   */
  async prepare(source: ModelSource, limitMs: number): Promise<Preparation> {
    return this.fit(await this.service.loadApart(source, limitMs));
  }

  /**
   * Takes a prepared model into service, at once: the windows that have begun are finished by the model before, the next
   * one is the new model's. A pipeline without a model begins to run. Throws when it has been stopped.
   */
  serve(prepared: Prepared): Switch {
    if (this.current === 'stopped') throw new Error(`pipeline ${this.name} has been stopped`);
    const { everyAnswer } = this.options;
    this.windower ??= this.createWindower(prepared.model.input);
    const lane = this.lane ?? this.service.open(this.queueLimit, () => this.checkModels(), everyAnswer);
    this.lane = lane;
    this.missed.tell(this.windower);
    const previous = this.models.current;
    const { nextToBegin: first, nextToClose } = this.windower;
    const drained = this.models.follow(prepared, first, nextToClose, {
      everyAnswer: this.options.everyAnswer === true,
      mayAsk: () => this.answering.mayUpdate(),
      onUpdate: (model, update) => this.answering.update(model, update),
      onMore: (job) => this.service.offer(lane, [job]),
    });
    if (this.current !== 'running') this.enter('running');
    return { first, previous, drained };
  }

  /** Whether a prepared model is still there: a worker that has ended may not have brought it back. */
  isReady({ handle }: Prepared): boolean {
    return this.service.failure(handle) === undefined;
  }

  /** Frees a model that does not serve. */
  unload({ handle }: Prepared): Promise<void> {
    return this.service.unload(handle);
  }

  /** Puts a prepared model on trial; the one before is freed. Undefined: none is on trial any more. */
  async try(prepared: Prepared | undefined): Promise<void> {
    const before = this.trial;
    this.trial = prepared === undefined ? undefined : new Shadow(prepared, this.service, this.options);
    await before?.close();
  }

  /** Leaves out what the level says, from now on. Does nothing to a pipeline of recordings, which may leave out nothing. */
  shed(level: ShedLevel): void {
    if (level === this.shedLevel || !this.mayShed) return;
    this.answering.shedLevel = level;
    if (this.lane !== undefined) this.service.resize(this.lane, this.queueLimit);
  }

  /** Takes no more events; waiting windows are dropped, the one at a worker is still answered. */
  async stop(): Promise<void> {
    if (this.current === 'stopped') return;
    this.enter('stopped');
    await Promise.all([this.release('stopped'), this.try(undefined)]);
  }

  /** Events of a sensor. `arrivedUs`: monotonic time at which the chunk that held them arrived. */
  add(sensor: number, batch: EventBatch, arrivedUs = this.clock.monoUs()): void {
    if (this.current === 'running') this.tell((windower) => windower.add(sensor, batch), arrivedUs);
    else {
      this.answering.counters.eventsUnserved += batch.length;
      this.missed.gap(sensor);
    }
  }

  /** A sensor's clock reads `tUs`; see `Windower.advance`. */
  advance(sensor: number, tUs: number, arrivedUs = this.clock.monoUs()): void {
    this.tell((windower) => windower.advance(sensor, tUs), arrivedUs);
  }

  /** A sensor's clock has restarted; see `Windower.epoch`. */
  epoch(sensor: number, offsetUs?: number): void {
    if (this.current !== 'running') this.missed.epoch(sensor);
    this.tell((windower) => windower.epoch(sensor, offsetUs));
  }

  /** Alignment of a sensor's clock; see `Windower.setOffset`. */
  setOffset(sensor: number, offsetUs: number): void {
    this.tell((windower) => windower.setOffset(sensor, offsetUs));
  }

  /** A sensor has come or gone; see `Windower.setOnline`. */
  setOnline(sensor: number, online: boolean): void {
    if (this.current !== 'running') this.missed.online(sensor, online);
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

  private get plan(): AnytimePlan {
    return this.models.current?.plan ?? { on: false, reason: 'no model is loaded' };
  }

  private get queueLimit(): number {
    return this.shedLevel >= 3 ? 1 : this.options.queueLimit;
  }

  /** Tells the windower something, and the worker of the bins that this has completed: of all of them together. */
  private tell<T>(call: (windower: Windower) => T, arrivedUs = this.clock.monoUs()): T | undefined {
    if (this.current !== 'running' || this.windower === undefined) return undefined;
    this.answering.arrivedUs = arrivedUs;
    const answer = call(this.windower);
    if (this.lane !== undefined) this.service.offer(this.lane, this.models.takeDue());
    return answer;
  }

  /** Whether a loaded model fits; one that does not is freed. */
  private async fit(loaded: LoadOutcome): Promise<Preparation> {
    if (!loaded.ok) return { ok: false, code: 'not_loaded', reason: loaded.reason };
    const { handle, model } = loaded;
    const { everyBins, policy, everyAnswer } = this.options;
    let misfit = whyNotFit(model, this.options, this.windower?.input);
    try {
      if (misfit === undefined) {
        if (this.windower === undefined) this.createWindower(model.input); // to see whether it can be made
        const plan = planAnytime(everyBins, model, policy, everyAnswer);
        return { ok: true, prepared: { handle, model, plan } };
      }
    } catch (error) {
      misfit = { code: 'bad_window', reason: error instanceof Error ? error.message : String(error) };
    }
    await this.service.unload(handle);
    return { ok: false, ...misfit };
  }

  private createWindower(input: InputSpec): Windower {
    return createWindower(this.options, input, {
      onWindow: (window) => {
        if (this.lane !== undefined) this.answering.take(window, this.lane, this.trial);
      },
      onBins: (window) => this.answering.told(window),
      onLate: (index, bin, cell) => this.models.at(index)?.late(index, bin, cell),
    });
  }

  /** A worker that was started again could not bring a model back. */
  private checkModels(): void {
    for (const { prepared } of this.models.all) {
      const reason = this.service.failure(prepared.handle);
      if (reason === undefined || this.current !== 'running') continue;
      if (prepared !== this.models.current) {
        this.service.abandon(this.lane!, prepared.handle);
        continue;
      }
      void this.release('failed'); // first: whoever is told may have another model ready
      this.enter('failed', reason);
    }
  }

  private async release(reason: 'stopped' | 'failed'): Promise<void> {
    const { lane } = this;
    this.lane = undefined;
    const served = this.models.end();
    if (lane !== undefined) await this.service.close(lane, reason);
    if (served !== undefined) await this.service.unload(served.handle); // those before are freed by who holds them
  }

  private enter(state: PipelineState, reason = ''): void {
    this.current = state;
    this.why = reason;
    this.options.onState?.(state, reason);
  }
}
