/** The sensors of an edge: planned, opened, and what is known of their state. */
import type { Clock, EventBatch, SensorStatus, TransportFactory } from '../../devices/index.js';
import type { Config } from '../config/index.js';
import type { Logger } from '../log/index.js';
import type { Publisher } from '../publish/index.js';
import type { Recorder } from '../recorder.js';
import { planSensor, type SensorPlan } from '../sensors.js';
import type { SensorTime } from './answers.js';
import { Input, type InputOptions } from './inputs.js';
import { logSensor } from './sensor-log.js';
import { sensorStatusBody } from './sensor-status.js';

const stoppedByCommand = 'stopped by command; sensor-start opens it again';

export interface SensorSetOptions {
  readonly log: Logger;
  readonly recorder: Recorder | undefined;
  /** That sensors run on; it never steps. */
  readonly clock: Clock;
  readonly monoUs: () => number;
  readonly onEvents?: ((sensor: string, batch: EventBatch) => void) | undefined;
  readonly onStatus: (sensor: string, status: SensorStatus) => void;
}

export class SensorSet {
  /** Sensors that have been opened, by name. */
  readonly inputs = new Map<string, Input>();
  /** The last status of each sensor in which it did not just connect. */
  readonly states = new Map<string, SensorStatus>();
  /** Those that are closed because somebody said so. */
  readonly stopped = new Set<string>();
  #plans: readonly SensorPlan[] = [];
  /** As they stand. */
  #sensors: Config['sensors'] = {};
  #plan: (name: string) => Promise<SensorPlan> = () => Promise.reject(new Error('nothing is planned'));
  #open: (plan: SensorPlan) => Input = () => {
    throw new Error('nothing is open');
  };
  #closing = false;

  constructor(private readonly options: SensorSetOptions) {}

  /** The clock that times of sensors are mapped to. */
  get clock(): Clock {
    return this.options.clock;
  }

  /** Those that are enabled. */
  get plans(): readonly SensorPlan[] {
    return this.#plans;
  }

  /** Plans every enabled sensor. Rejects when a geometry or a driver cannot be used. */
  async plan(
    config: Config,
    transports: Readonly<Record<string, TransportFactory>> = {},
  ): Promise<readonly SensorPlan[]> {
    this.#sensors = config.sensors;
    this.#plan = (name) => planSensor(name, this.#sensors[name]!, transports[name]);
    const enabled = Object.entries(config.sensors).filter(([, sensor]) => sensor.enabled);
    this.#plans = await Promise.all(
      enabled.map(async ([name]) => this.#recorded(await this.#plan(name), this.options.recorder?.onStart)),
    );
    return this.#plans;
  }

  /** Opens all that are planned. */
  open(pipelines: InputOptions['pipelines'], publisher: Pick<Publisher, 'publish'>): void {
    this.#open = (plan) => this.#input(plan, pipelines, publisher);
    for (const plan of this.#plans) this.inputs.set(plan.name, this.#open(plan));
  }

  /** Closes an open sensor until `start`; it counts as absent meanwhile. */
  async stop(name: string): Promise<void> {
    this.stopped.add(name);
    await this.inputs.get(name)!.close();
  }

  /**
   * Opens a sensor anew that has been open, with its geometry and its calibration as they are now. Rejects when these
   * cannot be used, and leaves it as it was.
   */
  async start(name: string): Promise<void> {
    const plan = await this.#recorded(await this.#plan(name), false);
    await this.inputs.get(name)!.close();
    if (this.#closing) return;
    this.stopped.delete(name);
    // Until it answers the edge goes on as degraded: `starting` is for those that nobody has heard of yet.
    const state = this.states.get(name);
    if (state !== undefined) this.states.set(name, { ...state, reason: 'is being opened anew' });
    this.inputs.set(name, this.#open(plan));
  }

  /** Takes the settings of sensors as they are from now on, those of open ones included; only live keys may differ. */
  apply({ sensors }: Pick<Config, 'sensors'>): void {
    this.#sensors = sensors;
    for (const [name, { sensor }] of this.inputs) sensor.reopenAfter(sensors[name]!.silentAfterMs);
  }

  /** Closes all; their states are not told any more. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.inputs.values()].map((input) => input.close()));
  }

  /** State of each open sensor for the status of the edge; undefined: it connects for the first time. */
  *statesOfOpen(): Iterable<readonly [name: string, status: SensorStatus | undefined]> {
    for (const name of this.inputs.keys()) yield [name, this.states.get(name)];
  }

  /** A window has met its end: a recording that waits may go on. */
  settled(): void {
    for (const input of this.inputs.values()) input.settled();
  }

  /** The clock of a sensor that may be opened only later. */
  timeOf(name: string): SensorTime {
    return {
      toHostUs: (deviceUs) => this.inputs.get(name)?.toHostUs(deviceUs) ?? Number.NaN,
      boundUs: (deviceUs) => this.inputs.get(name)?.boundUs(deviceUs) ?? Number.POSITIVE_INFINITY,
    };
  }

  /** Recordings are not recorded again. */
  async #recorded(plan: SensorPlan, now = true): Promise<SensorPlan> {
    const { recorder } = this.options;
    if (recorder === undefined || plan.lossless) return plan;
    const identity = () => this.inputs.get(plan.name)?.sensor.status.identity;
    return now ? recorder.record(plan, identity) : recorder.attach(plan, identity);
  }

  #input(
    plan: SensorPlan,
    pipelines: InputOptions['pipelines'],
    publisher: Pick<Publisher, 'publish'>,
  ): Input {
    const { clock, monoUs, onEvents } = this.options;
    const input = new Input({
      ...{ plan, pipelines, clock, monoUs },
      onStatus: (status) => this.#status(plan, status, publisher),
      ...(onEvents === undefined ? {} : { onEvents: (batch: EventBatch) => onEvents(plan.name, batch) }),
    });
    input.sensor.reopenAfter(this.#sensors[plan.name]!.silentAfterMs); // it may have changed since it was planned
    return input;
  }

  #status({ name, config }: SensorPlan, told: SensorStatus, publisher: Pick<Publisher, 'publish'>): void {
    if (this.#closing) return;
    const status = this.stopped.has(name) ? { ...told, reason: stoppedByCommand } : told;
    if (status.state !== 'connecting') {
      logSensor(this.options.log, name, config, status, this.states.get(name));
      this.states.set(name, status);
    }
    publisher.publish('sensor-status', sensorStatusBody(name, config, status));
    this.options.onStatus(name, status);
  }
}
