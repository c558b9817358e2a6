/** The composition root: wires sensors, pipelines and publisher, starts them in order, stops them in reverse. */
import { randomBytes } from 'node:crypto';
import type { EventBatch, SensorStatus } from '../devices/index.js';
import type { EmbeddedBroker } from './broker/index.js';
import { type Clock, systemClock } from './clock.js';
import type { DaemonOptions } from './daemon-options.js';
import { Answers, type SensorTime } from './edge/answers.js';
import { registerCommands } from './edge/commands.js';
import { infoBody, modelBody } from './edge/info.js';
import { Input, waitingWindows } from './edge/inputs.js';
import { logRunning } from './edge/pipeline-log.js';
import { type PipelinePlan, planPipelines } from './edge/pipelines.js';
import { logSensor } from './edge/sensor-log.js';
import { sensorStatusBody } from './edge/sensor-status.js';
import { type EdgeReport, edgeReport, pipelineFaults } from './edge/state.js';
import { HealthMonitor } from './health/index.js';
import { InferenceService, Pipeline, type PipelineState } from './inference/index.js';
import { Publisher, publishTarget } from './publish/index.js';
import { type Recorder, recorderFor } from './recorder.js';
import { planSensor, type SensorPlan } from './sensors.js';
import { policyFromConfig } from './window/from-config.js';

export type { DaemonObserver, DaemonOptions } from './daemon-options.js';

export class Daemon {
  readonly pipelines = new Map<string, Pipeline>();
  readonly inputs = new Map<string, Input>();
  /** Changes with each start; in every message. */
  readonly session = randomBytes(4).toString('hex');
  readonly #options: DaemonOptions;
  readonly #clock: Clock;
  readonly #service: InferenceService;
  /** Pipelines that cannot even be made, each with the reason. */
  #refused: ReadonlyMap<string, string> = new Map();
  /** The last status of each sensor in which it did not just connect. */
  readonly #sensorStates = new Map<string, SensorStatus>();
  /** The state of the edge that was published last. */
  #report = '';
  readonly #recorder: Recorder | undefined;
  readonly #health: HealthMonitor;
  #broker: EmbeddedBroker | undefined;
  #publisher: Publisher | undefined;
  #started: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;
  #isUp = false;
  #stopping = false;

  constructor(options: DaemonOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#service = new InferenceService({ clock: this.#clock, ...options.config.inference });
    this.#recorder = recorderFor(options.config.record, options.log);
    const log = options.log.child({ part: 'health' });
    this.#health = new HealthMonitor({ config: options.config, clock: this.#clock, log });
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

  /** Pipelines that should run and do not, one line each. */
  get faults(): string[] {
    return pipelineFaults(this.#refused, this.pipelines.values());
  }

  /** Where metrics are served; undefined when they are not. */
  get metricsUrl(): string | undefined {
    return this.#health.metricsUrl;
  }

  /** Whether the daemon looks after itself and every pipeline that runs gets on; for watchdogs, once it has started. */
  get isAlive(): boolean {
    return this.#health.isAlive;
  }

  /**
   * Starts everything. Resolves when sensors are being opened and every pipeline runs or has failed (then the edge is
   * `degraded`), or when `stop` was called meanwhile. Rejects only when nothing could work: the embedded broker's port
   * is taken, a geometry is broken.
   */
  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
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

  async #start(): Promise<void> {
    const { config, log, transports } = this.#options;
    const startedUs = this.#clock.nowUs();
    const sensors = await Promise.all(
      Object.entries(config.sensors)
        .filter(([, { enabled }]) => enabled)
        .map(([name, sensor]) => planSensor(name, sensor, transports?.[name]))
        .map(async (planned) => this.#record(await planned)),
    );
    if (this.#stopping) return;
    const publisher = await this.#connect();
    if (this.#stopping) return;
    publisher.publish('info', infoBody(config, sensors, startedUs));
    this.#service.start();
    await this.#startPipelines(sensors);
    if (this.#stopping) return;
    publisher.publish('info', infoBody(config, sensors, startedUs, this.pipelines));
    for (const sensor of sensors) this.inputs.set(sensor.name, this.#openInput(sensor));
    registerCommands(publisher, { pipelines: this.pipelines, setLogLevel: this.#options.setLogLevel });
    this.#isUp = true;
    this.#publishState();
    await this.#startHealth(publisher);
    log.info({ edge: config.edge.id, broker: this.brokerUrl, session: this.session }, 'whorl is up');
  }

  async #stop(): Promise<void> {
    this.#publisher?.setStatus('stopping');
    await this.#health.stop();
    if (!this.#isUp) await this.#abortStart();
    await Promise.all([...this.inputs.values()].map((input) => input.close()));
    await this.#recorder?.close();
    await this.#service.stop();
    await Promise.all([...this.pipelines.values()].map((pipeline) => pipeline.stop()));
    await this.#publisher?.stop();
    await this.#broker?.stop();
    this.#options.log.info({}, 'stopped');
  }

  #startHealth(publisher: Publisher): Promise<void> {
    const { inputs, pipelines } = this;
    const sensorStates = this.#sensorStates;
    const views = { report: () => this.#edgeReport(), refused: () => this.#refused };
    const parts = { inputs, pipelines, sensorStates, workers: this.#service, publisher, ...views };
    return this.#health.start(parts, publisher);
  }

  /** A start under way ends at its next step; it waits for no model any more. */
  async #abortStart(): Promise<void> {
    await Promise.all([...this.pipelines.values()].map((pipeline) => pipeline.stop()));
    await this.#service.stop(0);
    await this.#started?.catch(() => undefined);
  }

  async #connect(): Promise<Publisher> {
    const { config, secrets, log } = this.#options;
    if (config.mqtt.url === 'embedded') {
      const { startBroker } = await import('./broker/start.js'); // not in memory where another broker is used
      const options = { ...config.broker, log: log.child({ part: 'broker' }) };
      this.#broker = await startBroker(options, this.#options.anyPort);
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

  /** Recordings are not recorded again. */
  async #record(plan: SensorPlan): Promise<SensorPlan> {
    if (this.#recorder === undefined || plan.lossless) return plan;
    return this.#recorder.record(plan, () => this.inputs.get(plan.name)?.sensor.status.identity);
  }

  /** Resolves when each pipeline runs or has failed. */
  async #startPipelines(sensors: readonly SensorPlan[]): Promise<void> {
    const { ready, refused, off } = planPipelines(this.#options.config, sensors);
    for (const [name, reason] of off) this.#options.log.info({ pipeline: name, reason }, 'pipeline is off');
    this.#refused = refused;
    for (const [name, reason] of refused) this.#pipelineState(name, 'failed', reason);
    for (const plan of ready) this.pipelines.set(plan.name, this.#createPipeline(plan));
    await Promise.all([...this.pipelines.values()].map((pipeline) => pipeline.start()));
  }

  #createPipeline({ name, config, model, taxels, queueLimit, lossless }: PipelinePlan): Pipeline {
    const { log, observer } = this.#options;
    const { sensors, engine, window, anytime } = config;
    const { publish, energy: costs } = this.#options.config;
    const answers: Answers = new Answers({
      ...{ config, publish, publisher: this.#publisher! },
      nowUs: () => this.#clock.nowUs(),
      sensorTime: sensors.length > 1 ? undefined : this.#sensorTime(sensors[0]!),
      onResult: (body, result) => observer?.[result.final ? 'result' : 'update']?.(body, result),
    });
    return new Pipeline(
      {
        ...{ name, sensors, taxels, queueLimit, model: { path: model, engine, costs } },
        ...{ policy: policyFromConfig(window), everyAnswer: lossless },
        ...{ countSpikes: publish.spikes || publish.energy, needsStopping: anytime.decideBy === 'model' },
        ...(anytime.everyBins === undefined ? {} : { everyBins: anytime.everyBins }),
        onResult: (result) => {
          answers.publish(result);
          this.#health.answered(result);
          this.#settled();
        },
        onLoss: ({ window: { index }, cause, reason }) => {
          const level = this.#stopping ? 'debug' : 'warn';
          log[level]({ pipeline: name, window: index, cause, reason }, 'a window got no answer');
          this.#settled();
        },
        onState: (state, reason) => this.#pipelineState(name, state, reason),
      },
      this.#service,
      this.#clock,
    );
  }

  /** The clock of a sensor that is opened only later. */
  #sensorTime(name: string): SensorTime {
    return {
      toHostUs: (deviceUs) => this.inputs.get(name)?.toHostUs(deviceUs) ?? Number.NaN,
      boundUs: (deviceUs) => this.inputs.get(name)?.boundUs(deviceUs) ?? Number.POSITIVE_INFINITY,
    };
  }

  #openInput(plan: SensorPlan): Input {
    const { config, observer } = this.#options;
    const pipelines = [...this.pipelines].map(([name, pipeline]) => ({
      pipeline,
      sensors: config.pipelines[name]!.sensors,
    }));
    return new Input({
      plan,
      pipelines,
      monoUs: () => this.#clock.monoUs(),
      onStatus: (status) => this.#sensorStatus(plan, status),
      ...(observer?.events === undefined
        ? {}
        : { onEvents: (batch: EventBatch) => observer.events!(plan.name, batch) }),
    });
  }

  #sensorStatus({ name, config }: SensorPlan, status: SensorStatus): void {
    if (this.#stopping) return;
    const { log, observer } = this.#options;
    if (status.state !== 'connecting') {
      logSensor(log, name, config, status, this.#sensorStates.get(name));
      this.#sensorStates.set(name, status);
    }
    this.#publisher?.publish('sensor-status', sensorStatusBody(name, config, status));
    observer?.sensorStatus?.(name, status);
    this.#publishState();
  }

  #pipelineState(name: string, state: PipelineState, reason: string): void {
    const { log, config } = this.#options;
    const pipeline = state === 'running' ? this.pipelines.get(name) : undefined;
    const model = pipeline?.model;
    if (state === 'failed') log.error({ pipeline: name, reason }, 'pipeline has no usable model');
    if (model !== undefined) logRunning(log, name, pipeline!, model);
    if (state === 'running' || state === 'failed') {
      const { minConfidence } = config.pipelines[name]!;
      this.#publisher?.publish('model', modelBody(name, model, minConfidence, this.#clock.nowUs()));
    }
    this.#publishState();
  }

  /** Nothing before all has been started, or while stopping. */
  #publishState(): void {
    if (!this.#isUp || this.#stopping) return;
    const report = this.#edgeReport();
    if (JSON.stringify(report) === this.#report) return;
    this.#report = JSON.stringify(report);
    this.#publisher?.setStatus(report.status, report.reasons);
    this.#options.observer?.edge?.(report);
  }

  #edgeReport(): EdgeReport {
    const sensors = [...this.inputs.keys()].map((name) => [name, this.#sensorStates.get(name)] as const);
    return edgeReport(this.faults, sensors);
  }

  #settled(): void {
    for (const input of this.inputs.values()) input.settled();
  }
}
