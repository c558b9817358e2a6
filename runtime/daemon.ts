/** The composition root: wires sensors, pipelines and publisher, starts them in order, stops them in reverse. */
import { randomBytes } from 'node:crypto';
import type { SensorStatus } from '../devices/index.js';
import type { EmbeddedBroker } from './broker/index.js';
import { type Clock, systemClock } from './clock.js';
import type { Config } from './config/index.js';
import type { DaemonOptions } from './daemon-options.js';
import { type CommandTargets, registerCommands } from './edge/commands/index.js';
import { infoBody } from './edge/info.js';
import { type Input, waitingWindows } from './edge/inputs.js';
import { liveSettings } from './edge/live-settings.js';
import { EdgeModels } from './edge/models/edge-models.js';
import { PipelineSet } from './edge/pipeline-set.js';
import type { Reload } from './edge/reload.js';
import { SensorSet } from './edge/sensor-set.js';
import { Settings } from './edge/settings.js';
import { type EdgeReport, edgeReport, rivalFault } from './edge/state.js';
import { HealthMonitor } from './health/index.js';
import { InferenceService, type Pipeline, type WindowService } from './inference/index.js';
import { type Holder, Publisher, publishTarget } from './publish/index.js';
import { type Recorder, recorderFor } from './recorder.js';
import { sensorClock } from './sensor-clock.js';

export type { DaemonObserver, DaemonOptions } from './daemon-options.js';

/** Touch is waited for until it is known whether results can go out, but no longer. */
const longestBeginningMs = 2000;
const noPipelines: ReadonlyMap<string, Pipeline> = new Map();

export class Daemon {
  /** Changes with each start; in every message. */
  readonly session = randomBytes(4).toString('hex');
  readonly #options: DaemonOptions;
  readonly #clock: Clock;
  readonly #settings: Settings;
  readonly #reload: Reload | undefined;
  readonly #service: WindowService;
  readonly #recorder: Recorder | undefined;
  readonly #health: HealthMonitor;
  readonly #sensors: SensorSet;
  /** The state of the edge that was published last. */
  #report = '';
  #broker: EmbeddedBroker | undefined;
  #publisher: Publisher | undefined;
  #models: EdgeModels | undefined;
  #pipelines: PipelineSet | undefined;
  #started: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;
  /** Session of another process that serves this edge. */
  #rival: string | undefined;
  #startedUs = 0;
  #isUp = false;
  #stopping = false;

  constructor(options: DaemonOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#settings = new Settings(options.config);
    this.#service = this.#createService();
    this.#recorder = recorderFor(options.config.record, options.log);
    const health = { config: options.config, clock: this.#clock, log: options.log.child({ part: 'health' }) };
    this.#health = new HealthMonitor({ ...health, onFaults: () => this.#publishState() });
    this.#sensors = new SensorSet({
      ...{ log: options.log, recorder: this.#recorder, clock: sensorClock(options.clock) },
      monoUs: () => this.#clock.monoUs(),
      onEvents: options.observer?.events?.bind(options.observer),
      onStatus: (sensor, status) => this.#sensorStatus(sensor, status),
    });
    this.#reload = liveSettings({
      ...{ options, settings: this.#settings, sensors: this.#sensors },
      onChanged: (before) => this.#settingsChanged(before),
    });
  }

  get inputs(): ReadonlyMap<string, Input> {
    return this.#sensors.inputs;
  }

  get pipelines(): ReadonlyMap<string, Pipeline> {
    return this.#pipelines?.all ?? noPipelines;
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

  /** Pipelines that should run and do not, and what keeps their windows from being answered, one line each. */
  get faults(): string[] {
    return [...(this.#pipelines?.faults ?? []), ...this.#service.faults];
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
    while ([...this.pipelines.values()].some(({ counters }) => waitingWindows(counters) > 0))
      await new Promise<void>((resolve) => this.#clock.setTimer(resolve, 5));
  }

  /** Reads the configuration file again; what comes of it is told in the log. */
  async reload(): Promise<void> {
    await this.#reload?.reload().catch(() => undefined);
  }

  async #start(): Promise<void> {
    const { config, log, transports } = this.#options;
    this.#startedUs = this.#clock.nowUs();
    const sensors = await this.#sensors.plan(config, transports);
    if (this.#stopping) return;
    const publisher = await this.#connect();
    if (this.#stopping) return;
    publisher.publish('info', infoBody(config, sensors, this.#startedUs));
    this.#service.start();
    const pipelines = this.#createPipelines(publisher);
    await Promise.all([pipelines.start(sensors), publisher.begun(longestBeginningMs)]);
    if (this.#stopping) return;
    this.#sensors.open(pipelines.hearing, publisher);
    registerCommands(publisher, this.#commandTargets(pipelines));
    this.#publishInfo(publisher, pipelines);
    this.#isUp = true;
    this.#publishState();
    await this.#startHealth(publisher, pipelines);
    this.#models?.up();
    log.info({ edge: config.edge.id, broker: this.brokerUrl, session: this.session }, 'whorl is up');
  }

  async #stop(): Promise<void> {
    this.#publisher?.setStatus('stopping');
    this.#pipelines?.stopping();
    await this.#health.stop();
    await this.#models?.stop();
    if (!this.#isUp) await this.#abortStart();
    await this.#sensors.close();
    await this.#recorder?.close();
    await this.#service.stop();
    await this.#pipelines?.stop();
    await this.#publisher?.stop();
    await this.#broker?.stop();
    this.#options.log.info({}, 'stopped');
  }

  #publishInfo(publisher: Publisher, { all }: PipelineSet): void {
    const info = infoBody(this.#settings.config, this.#sensors.plans, this.#startedUs, all);
    publisher.publish('info', { ...info, commands: publisher.commandList });
  }

  #settingsChanged(before: Config): void {
    this.#models?.settingsChanged(this.#settings.config, before);
    if (this.#isUp) this.#publishInfo(this.#publisher!, this.#pipelines!);
  }

  #commandTargets(pipelines: PipelineSet): CommandTargets {
    const { setLogLevel, onShutdown } = this.#options;
    const clock = this.#clock;
    const sensors = this.#sensors;
    const recorder = this.#recorder;
    const config = (): Config => this.#settings.config;
    return {
      status: {
        report: () => this.#edgeReport(),
        pipelines: pipelines.all,
        refused: () => pipelines.refused,
        sensorStates: sensors.states,
        recording: () => recorder?.rings.keys() ?? [],
      },
      ...{ pipelines: pipelines.all, models: this.#models!, sensors, recorder },
      ...{ reload: this.#reload, settings: this.#settings, setLogLevel },
      calibrate: { config, clock, sensors },
      shutdown: { allowed: config().commands.shutdown, begin: onShutdown, clock },
    };
  }

  #startHealth(publisher: Publisher, pipelines: PipelineSet): Promise<void> {
    const { inputs, states: sensorStates } = this.#sensors;
    const views = { report: () => this.#edgeReport(), refused: () => pipelines.refused };
    const parts = { inputs, pipelines: pipelines.all, sensorStates, workers: this.#service };
    return this.#health.start({ ...parts, ...views, publisher }, publisher);
  }

  /** A start under way ends at its next step; it waits for no model any more. */
  async #abortStart(): Promise<void> {
    await this.#pipelines?.stop();
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
    const unique = {
      onTaken: ({ session }: Holder) => this.#rivalry(session),
      onVacant: () => this.#rivalry(undefined),
    };
    const publisher = new Publisher({
      edge: config.edge.id,
      baseTopic: config.mqtt.baseTopic,
      session: this.session,
      ...publishTarget(config.mqtt, secrets, this.#broker?.url),
      reconnect: config.mqtt.reconnect,
      clock: this.#clock,
      log: log.child({ part: 'publish' }),
      random: Math.random,
      ...(this.#options.onTaken === undefined ? {} : { unique }),
    });
    this.#publisher = publisher;
    publisher.start();
    return publisher;
  }

  #createService(): WindowService {
    const { service, log, config } = this.#options;
    const parts = { session: this.session, clock: this.#clock, log, onFaults: () => this.#publishState() };
    return service?.(parts) ?? new InferenceService({ ...parts, ...config.inference });
  }

  #createPipelines(publisher: Publisher): PipelineSet {
    const { observer, secrets, log } = this.#options;
    const parts = { settings: this.#settings, clock: this.#clock, log, publisher };
    const models = new EdgeModels({ ...parts, secrets });
    this.#models = models;
    const pipelines = new PipelineSet({
      ...{ ...parts, models, service: this.#service, sensorClock: this.#sensors.clock },
      sensorTime: (sensor) => this.#sensors.timeOf(sensor),
      isOnline: (sensor) => this.#sensors.states.get(sensor)?.state === 'online',
      onResult: (body, result) => {
        this.#health.answered(result);
        observer?.[result.final ? 'result' : 'update']?.(body, result);
      },
      onSettled: () => this.#sensors.settled(),
      onState: () => this.#publishState(),
    });
    this.#pipelines = pipelines;
    return pipelines;
  }

  #sensorStatus(sensor: string, status: SensorStatus): void {
    this.#options.observer?.sensorStatus?.(sensor, status);
    this.#publishState();
  }

  /** Another process serves this edge, or does not any more. */
  #rivalry(session: string | undefined): void {
    this.#rival = session;
    if (session !== undefined) this.#options.onTaken?.(session);
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
    const overloads = this.#pipelines?.overloads ?? [];
    const faults = [...rivalFault(this.#rival), ...this.faults, ...this.#health.faults, ...overloads];
    return edgeReport(faults, this.#sensors.statesOfOpen());
  }
}
