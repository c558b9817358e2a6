/** The pipelines of an edge: made, started, and what they answer and say of themselves. */
import type { Clock as SensorClock } from '../../devices/index.js';
import type { Clock } from '../clock.js';
import {
  type ModelSource,
  Pipeline,
  type PipelineLoss,
  type PipelineResult,
  type PipelineState,
  type WindowService,
} from '../inference/index.js';
import type { Logger } from '../log/index.js';
import type { Publisher, ResultBody } from '../publish/index.js';
import type { SensorPlan } from '../sensors.js';
import { policyFromConfig } from '../window/from-config.js';
import { Answers, type SensorTime } from './answers.js';
import { Heartbeats } from './heartbeats.js';
import { LoadGuard } from './load-guard.js';
import type { EdgeModels } from './models/edge-models.js';
import type { FirstModel } from './models/first-model.js';
import { logRunning } from './pipeline-log.js';
import { type PipelinePlan, planPipelines } from './pipelines.js';
import type { Settings } from './settings.js';
import { pipelineFaults } from './state.js';

export interface PipelineSetOptions {
  readonly settings: Settings;
  readonly service: WindowService;
  readonly clock: Clock;
  readonly log: Logger;
  readonly publisher: Pick<Publisher, 'publish' | 'connected'>;
  readonly models: EdgeModels;
  /** That times of sensors are mapped to; it never steps. */
  readonly sensorClock: SensorClock;
  readonly sensorTime: (sensor: string) => SensorTime;
  readonly isOnline: (sensor: string) => boolean;
  /** Each answer, with its message; those before the end of a window too. */
  readonly onResult: (body: ResultBody, result: PipelineResult) => void;
  /** A window has met its end, answered or not. */
  readonly onSettled: () => void;
  /** The state of a pipeline has changed. */
  readonly onState: () => void;
}

export class PipelineSet {
  readonly all = new Map<string, Pipeline>();
  /** Pipelines that cannot even be made, each with the reason. */
  refused: ReadonlyMap<string, string> = new Map();
  readonly #guard: LoadGuard;
  readonly #heartbeats: Heartbeats;
  #stopping = false;

  constructor(private readonly options: PipelineSetOptions) {
    const { clock, log, settings, publisher, isOnline, onState } = options;
    this.#guard = new LoadGuard({ clock, log, pipelines: this.all, onChange: onState });
    this.#heartbeats = new Heartbeats({
      ...{ clock, isOnline, pipelines: this.all, everyMs: settings.config.health.heartbeatMs },
      sensorsOf: (pipeline) => settings.pipeline(pipeline).sensors,
      deadlineMs: (pipeline) => settings.pipeline(pipeline).deadlineMs,
      // Without a broker nobody listens, so that none is missed.
      publish: (body) => publisher.connected && publisher.publish('heartbeat', body),
    });
  }

  /** Pipelines that should run and do not, one line each. */
  get faults(): string[] {
    return pipelineFaults(this.refused, this.all.values());
  }

  /** Pipelines that have more to do than they can, one line each. */
  get overloads(): string[] {
    return this.#guard.reasons;
  }

  /** Makes and starts all; resolves when each runs or has failed. */
  async start(sensors: readonly SensorPlan[]): Promise<void> {
    const { settings, log } = this.options;
    const { ready, refused, off } = planPipelines(settings.config, sensors);
    for (const [name, reason] of off) log.info({ pipeline: name, reason }, 'pipeline is off');
    this.refused = refused;
    for (const [name, reason] of refused) this.#state(name, 'failed', reason);
    for (const plan of ready) {
      const first = await this.options.models.first(plan.name, plan.config);
      if (this.#stopping) return;
      this.all.set(plan.name, this.#create(plan, first));
    }
    await Promise.all(ready.map((plan) => this.#start(plan)));
    if (this.#stopping) return;
    this.#guard.start();
    this.#heartbeats.start();
  }

  /** From now on windows without an answer are nothing to warn of. */
  stopping(): void {
    this.#stopping = true;
    this.#guard.stop();
    this.#heartbeats.stop();
  }

  async stop(): Promise<void> {
    this.stopping();
    await Promise.all([...this.all.values()].map((pipeline) => pipeline.stop()));
  }

  /** Those that have been made, with the names of their sensors. */
  get hearing(): { readonly pipeline: Pipeline; readonly sensors: readonly string[] }[] {
    return [...this.all].map(([name, pipeline]) => ({
      pipeline,
      sensors: this.options.settings.pipeline(name).sensors,
    }));
  }

  async #start({ name, config }: PipelinePlan): Promise<void> {
    const pipeline = this.all.get(name)!;
    await pipeline.start();
    await this.options.models.started(pipeline, (path) => this.#source(config, path));
  }

  /** How a pipeline runs a model file. */
  #source({ engine }: PipelinePlan['config'], path: string): ModelSource {
    return { path, engine, costs: this.options.settings.config.energy };
  }

  #create({ name, config, taxels, queueLimit, lossless }: PipelinePlan, { model }: FirstModel): Pipeline {
    const { settings, service, models, clock, onSettled } = this.options;
    const { sensors, window, anytime } = config;
    const answers = this.#answers(name, sensors);
    return new Pipeline(
      {
        ...{ name, sensors, taxels, queueLimit },
        model: 'missing' in model ? model : this.#source(config, model.path),
        ...{ policy: policyFromConfig(window), everyAnswer: lossless },
        needsStopping: anytime.decideBy === 'model',
        countSpikes: () => settings.config.publish.spikes || settings.config.publish.energy,
        ...(lossless ? {} : { deadlineUs: () => 1000 * settings.pipeline(name).deadlineMs }),
        ...(anytime.everyBins === undefined ? {} : { everyBins: anytime.everyBins }),
        onResult: (result) => {
          this.#heartbeats.heard(name);
          answers.publish(result);
          models.answered(result);
          onSettled();
        },
        onLoss: (loss) => {
          this.#logLoss(loss);
          models.missed(loss);
          onSettled();
        },
        onShadow: (result) => models.shadow(result),
        onShadowLost: (prepared, reason) => models.shadowLost(name, prepared, reason),
        onState: (state, reason) => this.#state(name, state, reason),
      },
      service,
      clock,
    );
  }

  #answers(pipeline: string, sensors: readonly string[]): Answers {
    const { settings, publisher, clock, sensorClock, sensorTime, onResult } = this.options;
    const isRecorded = sensors.some((name) => settings.config.sensors[name]?.transport.kind === 'replay');
    return new Answers({
      ...{ pipeline, settings, publisher, onResult },
      nowUs: () => clock.nowUs(),
      isRecorded,
      sensorNowUs: () => sensorClock.nowUs(),
      sensorTime: sensors.length > 1 ? undefined : sensorTime(sensors[0]!),
    });
  }

  #logLoss({ pipeline, window: { index }, cause, reason }: PipelineLoss): void {
    // Overload has been told already, once.
    const level = this.#stopping || cause === 'shed' ? 'debug' : 'warn';
    this.options.log[level]({ pipeline, window: index, cause, reason }, 'a window got no answer');
    if (cause !== 'lost' || this.#stopping) return;
    const message = `window ${index} was lost with its worker: ${reason}; it is started again`;
    this.options.publisher.publish('event', {
      kind: 'window-lost',
      pipeline,
      message,
      data: { window: index },
    });
  }

  #state(name: string, state: PipelineState, reason: string): void {
    const { log, models, onState } = this.options;
    const pipeline = state === 'running' ? this.all.get(name) : undefined;
    const model = pipeline?.model;
    if (state === 'failed') log.error({ pipeline: name, reason }, 'pipeline has no usable model');
    if (model !== undefined) logRunning(log, name, pipeline!, model);
    if (state === 'running' || state === 'failed') models.state({ name, model }, state, reason);
    onState();
  }
}
