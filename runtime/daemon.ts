/** The composition root: wires sensors, pipelines and publisher, starts them in order, stops them in reverse. */
import { randomBytes } from 'node:crypto';
import type { EventBatch, SensorStatus, TransportFactory } from '../devices/index.js';
import { EmbeddedBroker } from './broker/index.js';
import { modelPath } from './bundled.js';
import { type Clock, systemClock } from './clock.js';
import type { Config, Secrets } from './config/index.js';
import { Answers } from './edge/answers.js';
import { infoBody, modelBody } from './edge/info.js';
import { Input, waitingWindows } from './edge/inputs.js';
import { sensorStatusBody } from './edge/sensor-status.js';
import { InferenceService, Pipeline, type PipelineResult } from './inference/index.js';
import type { Logger } from './log/index.js';
import { CommandError, Publisher, publishTarget, type ResultBody } from './publish/index.js';
import { planSensor, type SensorPlan } from './sensors.js';
import { policyFromConfig } from './window/from-config.js';

export interface DaemonOptions {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly log: Logger;
  readonly clock?: Clock;
  /** Transports that take the place of the configured ones, by sensor: recordings, demos, tests. Nothing of them is dropped. */
  readonly transports?: Readonly<Record<string, TransportFactory>>;
  readonly observer?: DaemonObserver;
}

/** Who looks on: live views, replays, tests. Called on the way of an event, so it must be quick. */
export interface DaemonObserver {
  events?(sensor: string, batch: EventBatch): void;
  result?(body: ResultBody, result: PipelineResult): void;
  sensorStatus?(sensor: string, status: SensorStatus): void;
}

interface PipelineSlot {
  readonly pipeline: Pipeline;
  readonly sensors: readonly string[];
}

export class Daemon {
  readonly pipelines = new Map<string, Pipeline>();
  readonly inputs = new Map<string, Input>();
  /** Changes with each start; in every message. */
  readonly session = randomBytes(4).toString('hex');
  readonly #options: DaemonOptions;
  readonly #clock: Clock;
  readonly #service: InferenceService;
  readonly #sensorStates = new Map<string, SensorStatus>();
  #broker: EmbeddedBroker | undefined;
  #publisher: Publisher | undefined;
  #stopping = false;
  #stopped: Promise<void> | undefined;

  constructor(options: DaemonOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#service = new InferenceService({ clock: this.#clock });
  }

  /** Where the broker is. */
  get brokerUrl(): string {
    return this.#broker?.url ?? this.#options.config.mqtt.url;
  }

  /** First part of every topic of this edge. */
  get topic(): string {
    const { mqtt, edge } = this.#options.config;
    return `${mqtt.baseTopic}/v1/${edge.id}`;
  }

  /**
   * Starts everything. Resolves when sensors are being opened and every pipeline runs or has failed (then the edge is
   * `degraded`). Rejects only when nothing could work: the embedded broker's port is taken, a geometry is broken.
   */
  async start(): Promise<void> {
    const { config, log } = this.#options;
    const startedUs = this.#clock.nowUs();
    const plans = await Promise.all(
      Object.entries(config.sensors)
        .filter(([, sensor]) => sensor.enabled)
        .map(([name, sensor]) => planSensor(name, sensor, this.#options.transports?.[name])),
    );
    const publisher = await this.#connect();
    publisher.publish('info', infoBody(config, plans, startedUs));
    this.#service.start();
    const slots = this.#createPipelines(plans);
    await Promise.all(slots.map(({ pipeline }) => pipeline.start()));
    for (const { pipeline } of slots) this.#announceModel(pipeline);
    for (const plan of plans) this.inputs.set(plan.name, this.#openInput(plan, slots));
    publisher.onCommand('trigger', ({ body }) => this.#trigger(body['pipeline']));
    this.#publishState();
    log.info({ edge: config.edge.id, broker: this.brokerUrl, session: this.session }, 'whorl is up');
  }

  /** Stops in reverse order, publishes `offline`, flushes; takes less than 5 s. May be called at any time. */
  stop(): Promise<void> {
    this.#stopping = true;
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /** Resolves when no window waits for its answer. */
  async drained(): Promise<void> {
    while ([...this.pipelines.values()].some(({ counters }) => waitingWindows(counters) > 0)) {
      await new Promise<void>((resolve) => this.#clock.setTimer(resolve, 5));
    }
  }

  async #stop(): Promise<void> {
    this.#publisher?.setStatus('stopping');
    await Promise.all([...this.inputs.values()].map(({ sensor }) => sensor.close()));
    await this.#service.stop();
    await Promise.all([...this.pipelines.values()].map((pipeline) => pipeline.stop()));
    await this.#publisher?.stop();
    await this.#broker?.stop();
    this.#options.log.info({}, 'stopped');
  }

  async #connect(): Promise<Publisher> {
    const { config, secrets, log } = this.#options;
    if (config.mqtt.url === 'embedded') {
      this.#broker = new EmbeddedBroker({ ...config.broker, log: log.child({ part: 'broker' }) });
      await this.#broker.start();
    }
    const publisher = new Publisher({
      edge: config.edge.id,
      baseTopic: config.mqtt.baseTopic,
      session: this.session,
      ...publishTarget(config.mqtt, secrets, this.#broker?.url),
      reconnect: config.mqtt.reconnect,
      clock: this.#clock,
      log: log.child({ part: 'publish' }),
      random: Math.random,
    });
    this.#publisher = publisher;
    publisher.start();
    return publisher;
  }

  #createPipelines(plans: readonly SensorPlan[]): PipelineSlot[] {
    const { config, log } = this.#options;
    const slots: PipelineSlot[] = [];
    for (const [name, settings] of Object.entries(config.pipelines)) {
      const missing = settings.sensors.find((sensor) => !plans.some((plan) => plan.name === sensor));
      if (!settings.enabled || missing !== undefined) {
        log.info(
          { pipeline: name, ...(missing === undefined ? {} : { sensor: missing }) },
          'pipeline is off',
        );
        continue;
      }
      const [plan] = plans.filter((candidate) => candidate.name === settings.sensors[0]);
      const answers: Answers = new Answers({
        config: settings,
        publish: config.publish,
        publisher: this.#publisher!,
        nowUs: () => this.#clock.nowUs(),
        sensorTime: settings.sensors.length > 1 ? undefined : this.#sensorTime(settings.sensors[0]!),
        onResult: (body, result) => this.#options.observer?.result?.(body, result),
      });
      const pipeline = new Pipeline(
        {
          name,
          sensors: settings.sensors,
          taxels: plan!.geometry.taxels.length,
          model: { path: modelPath(settings.model), engine: settings.engine },
          policy: policyFromConfig(settings.window),
          queueLimit: settings.queueLimit,
          onResult: (result) => {
            answers.publish(result);
            this.#settled();
          },
          onLoss: ({ window, cause, reason }) => {
            log.warn({ pipeline: name, window: window.index, cause, reason }, 'a window got no answer');
            this.#settled();
          },
          onState: (state, reason) => this.#pipelineState(name, state, reason),
        },
        this.#service,
        this.#clock,
      );
      this.pipelines.set(name, pipeline);
      slots.push({ pipeline, sensors: settings.sensors });
    }
    return slots;
  }

  /** The clock of a sensor that is opened only later. */
  #sensorTime(name: string) {
    const sync = () => this.inputs.get(name)?.sensor.clockSync;
    return {
      toHostUs: (deviceUs: number) => sync()?.toHostUs(deviceUs) ?? Number.NaN,
      boundUs: (deviceUs: number) => sync()?.boundUs(deviceUs) ?? Number.NaN,
    };
  }

  #openInput(plan: SensorPlan, slots: readonly PipelineSlot[]): Input {
    const { observer, transports } = this.#options;
    return new Input({
      plan,
      pipelines: slots,
      lossless: plan.config.transport.kind === 'replay' || transports?.[plan.name] !== undefined,
      monoUs: () => this.#clock.monoUs(),
      onStatus: (status) => this.#sensorStatus(plan, status),
      ...(observer?.events === undefined
        ? {}
        : { onEvents: (batch: EventBatch) => observer.events!(plan.name, batch) }),
    });
  }

  #sensorStatus(plan: SensorPlan, status: SensorStatus): void {
    const { log, observer } = this.#options;
    const before = this.#sensorStates.get(plan.name);
    this.#sensorStates.set(plan.name, status);
    if (this.#stopping) return;
    const level = status.state === 'online' || status.state === 'connecting' ? 'info' : 'warn';
    if (before?.state !== status.state)
      log[level]({ sensor: plan.name, reason: status.reason }, `sensor is ${status.state}`);
    this.#publisher?.publish('sensor-status', sensorStatusBody(plan.name, plan.config, status));
    observer?.sensorStatus?.(plan.name, status);
    this.#publishState();
  }

  #pipelineState(name: string, state: string, reason: string): void {
    const { log } = this.#options;
    if (state === 'failed') log.error({ pipeline: name, reason }, 'pipeline has no usable model');
    if (state === 'running') {
      const model = this.pipelines.get(name)?.model;
      log.info(
        {
          pipeline: name,
          model: model?.id,
          engine: model?.engine,
          mode: model?.mode,
          medianUs: model?.medianUs,
        },
        'pipeline runs',
      );
    }
    this.#publishState();
  }

  #announceModel(pipeline: Pipeline): void {
    const { minConfidence } = this.#options.config.pipelines[pipeline.name]!;
    this.#publisher?.publish(
      'model',
      modelBody(pipeline.name, pipeline.model, minConfidence, this.#clock.nowUs()),
    );
  }

  /** `ready`, or `degraded` with every reason; nothing before all has been started or while stopping. */
  #publishState(): void {
    if (this.#stopping || this.inputs.size < this.#enabledSensors()) return;
    const failed = [...this.pipelines.values()]
      .filter(({ state }) => state === 'failed')
      .map(({ name, reason }) => `pipeline ${name}: ${reason}`);
    const troubled = [...this.#sensorStates]
      .filter(([, { state }]) => state !== 'online' && state !== 'connecting')
      .map(([name, { state, reason }]) => `sensor ${name} is ${state}: ${reason}`);
    const reasons = [...failed, ...troubled];
    this.#publisher?.setStatus(reasons.length === 0 ? 'ready' : 'degraded', reasons);
  }

  #enabledSensors(): number {
    return Object.values(this.#options.config.sensors).filter(({ enabled }) => enabled).length;
  }

  #settled(): void {
    for (const input of this.inputs.values()) input.settled();
  }

  #trigger(name: unknown): unknown {
    const pipeline = typeof name === 'string' ? this.pipelines.get(name) : undefined;
    if (pipeline === undefined) {
      throw new CommandError(
        'unknown-pipeline',
        `"pipeline" must be one of ${[...this.pipelines.keys()].join(', ')}`,
      );
    }
    const answer = pipeline.trigger();
    if (answer !== 'opened')
      throw new CommandError(
        `trigger-${answer}`,
        `pipeline ${pipeline.name} did not open a window: ${answer}`,
      );
    return { pipeline: pipeline.name, window: 'opened' };
  }
}
