import type { Clock, Timer } from '../clock.js';
import { ClockSteps } from '../clock-steps.js';
import type { Config } from '../config/index.js';
import type { PipelineResult } from '../inference/index.js';
import type { Logger } from '../log/index.js';
import type { Metrics } from '../metrics/index.js';
import type { AlertBody, HealthBody } from '../publish/index.js';
import { type AlertState, lookForAlerts, NO_ALERTS, standingAlerts } from './alerts.js';
import { type HealthParts, type HealthPipeline, healthBody } from './body.js';
import { Meters } from './meters.js';
import { StoreWatch } from './store-watch.js';
import { StuckWatch } from './stuck.js';

/** Where health goes. */
export interface HealthOutlet {
  publish(kind: 'health', body: HealthBody): boolean;
  publish(kind: 'alert', body: AlertBody): boolean;
  clearAlert(id: string): void;
}

export interface MonitorOptions {
  readonly config: Pick<Config, 'health' | 'metrics' | 'models' | 'sensors'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told when `faults` have changed. */
  readonly onFaults?: () => void;
}

const LOOK_EVERY_MS = 1000;
/** Looks that may be missed before the monitor counts as standing still. */
const MISSED_LOOKS = 5;

/**
 * Looks at the edge once a second: raises and clears alerts, publishes health at its interval and within a second of a
 * change of status or alerts, or a step of the wall clock, and knows whether the pipelines get anywhere.
 */
export class HealthMonitor {
  readonly #meters = new Meters();
  readonly #stuckWatch = new StuckWatch();
  readonly #recordings: ReadonlySet<string>;
  readonly #steps: ClockSteps;
  /** Absent: there is no model store. */
  readonly #store: StoreWatch | undefined;
  #parts: HealthParts | undefined;
  #outlet: HealthOutlet | undefined;
  #metrics: Metrics | undefined;
  #timer: Timer | undefined;
  #alerts: AlertState = NO_ALERTS;
  #stuck: readonly string[] = [];
  #startedUs = 0;
  #periodUs = 0;
  #lookedUs = 0;
  /** Status, alerts and steps of the clock that were published last. */
  #told = '';

  constructor(private readonly options: MonitorOptions) {
    this.#steps = new ClockSteps(options.clock);
    const { store: folder } = options.config.models;
    if (folder !== undefined)
      this.#store = new StoreWatch({
        ...{ folder, clock: options.clock },
        onChange: (fault) => this.#storeChanged(fault),
      });
    const sensors = Object.entries(options.config.sensors);
    this.#recordings = new Set(
      sensors.filter(([, { transport }]) => transport.kind === 'replay').map(([name]) => name),
    );
  }

  /**
   * Begins to look. Alerts that an earlier process may have left at the broker are cleared. Metrics are served when
   * configured; a port that is taken is a warning.
   */
  async start(parts: HealthParts, outlet: HealthOutlet): Promise<void> {
    const { clock, config, log } = this.options;
    this.#parts = parts;
    this.#outlet = outlet;
    this.#startedUs = this.#periodUs = this.#lookedUs = clock.monoUs();
    this.#meters.start();
    this.#look();
    for (const [id, { alert }] of this.#alerts.standing) if (alert === undefined) outlet.clearAlert(id);
    if (!config.metrics.enabled) return;
    const { startMetrics } = await import('../metrics/index.js'); // not in memory where nobody asks for it
    this.#metrics = await startMetrics(config.metrics, () => this.health(), log);
    if (this.#timer === undefined) await this.#metrics?.stop();
  }

  /** Ends; alerts are taken back, for a runtime that is off has none. */
  async stop(): Promise<void> {
    this.options.clock.clearTimer(this.#timer);
    this.#timer = undefined;
    this.#meters.stop();
    for (const { id } of standingAlerts(this.#alerts)) this.#outlet?.clearAlert(id);
    await this.#metrics?.stop();
  }

  answered(result: PipelineResult): void {
    this.#meters.answered(result);
    this.#metrics?.answered(result);
  }

  /** Where metrics are served; undefined when they are not. */
  get metricsUrl(): string | undefined {
    return this.#metrics?.url;
  }

  /** What it has found that no other part can tell, one line each. */
  get faults(): string[] {
    const fault = this.#store?.fault;
    return fault === undefined ? [] : [fault];
  }

  /** Whether the main thread looks after itself and no pipeline is stuck. */
  get isAlive(): boolean {
    const sinceMs = (this.options.clock.monoUs() - this.#lookedUs) / 1000;
    return this.#timer !== undefined && this.#stuck.length === 0 && sinceMs < MISSED_LOOKS * LOOK_EVERY_MS;
  }

  /** Health as it is now. Throws before `start`. */
  health(): HealthBody {
    if (this.#parts === undefined) throw new Error('the health monitor has not been started');
    const nowUs = this.options.clock.monoUs();
    return healthBody(this.#parts, {
      uptimeS: (nowUs - this.#startedUs) / 1e6,
      periodS: (nowUs - this.#periodUs) / 1e6,
      clockSteps: this.#steps.count,
      storeFault: this.#store?.fault,
      meters: this.#meters,
      alerts: standingAlerts(this.#alerts).map(({ id }) => id),
    });
  }

  #look(): void {
    const { clock, config } = this.options;
    const atUs = clock.monoUs();
    this.#timer = clock.setTimer(() => this.#look(), LOOK_EVERY_MS);
    this.#lookedUs = atUs;
    this.#watch(this.#parts!.pipelines, atUs);
    this.#lookAtClock();
    void this.#store?.look();
    const health = this.health();
    this.#alert(health, atUs);
    const alerts = standingAlerts(this.#alerts).map(({ id }) => id);
    const { status, reasons, clock_steps } = health;
    const told = JSON.stringify({ status, reasons, alerts, clock_steps });
    const isDue = atUs - this.#periodUs >= config.health.intervalS * 1e6;
    if (told === this.#told && !isDue) return;
    this.#told = told;
    this.#outlet?.publish('health', { ...health, alerts });
    if (!isDue) return;
    this.#periodUs = atUs;
    this.#meters.reset();
  }

  #lookAtClock(): void {
    const stepS = this.#steps.look() / 1e6;
    if (stepS !== 0)
      this.options.log.warn(
        { stepS },
        'the wall clock of the host was set; times before and after do not compare',
      );
  }

  #storeChanged(fault: string | undefined): void {
    const { log, onFaults } = this.options;
    if (fault !== undefined) log.error({ reason: fault }, 'models cannot be changed');
    else log.info({}, 'the model store can be used again');
    onFaults?.();
  }

  #watch(pipelines: ReadonlyMap<string, HealthPipeline>, atUs: number): void {
    const stuck = this.#stuckWatch.look(pipelines, atUs);
    if (stuck.length > this.#stuck.length)
      this.options.log.error({ pipelines: stuck }, 'pipelines stand still; a watchdog will end this process');
    this.#stuck = stuck;
  }

  #alert(health: HealthBody, atUs: number): void {
    const { clock, log } = this.options;
    const { state, raised, cleared } = lookForAlerts(this.#alerts, health, this.#recordings, {
      atUs,
      wallUs: clock.nowUs(),
    });
    this.#alerts = state;
    for (const alert of raised) {
      log.warn({ alert: alert.id }, alert.message);
      this.#outlet?.publish('alert', alert);
    }
    for (const id of cleared) {
      log.info({ alert: id }, 'alert is over');
      this.#outlet?.clearAlert(id);
    }
  }
}
