/** The sensors of an edge: planned, opened, and what is known of their state. */
import type { EventBatch, SensorStatus, TransportFactory } from '../../devices/index.js';
import type { Config } from '../config/index.js';
import type { Logger } from '../log/index.js';
import type { Publisher } from '../publish/index.js';
import type { Recorder } from '../recorder.js';
import { planSensor, type SensorPlan } from '../sensors.js';
import type { SensorTime } from './answers.js';
import { Input, type InputOptions } from './inputs.js';
import { logSensor } from './sensor-log.js';
import { sensorStatusBody } from './sensor-status.js';

export interface SensorSetOptions {
  readonly log: Logger;
  readonly recorder: Recorder | undefined;
  readonly monoUs: () => number;
  readonly onEvents?: ((sensor: string, batch: EventBatch) => void) | undefined;
  readonly onStatus: (sensor: string, status: SensorStatus) => void;
}

export class SensorSet {
  /** Sensors that have been opened, by name. */
  readonly inputs = new Map<string, Input>();
  /** The last status of each sensor in which it did not just connect. */
  readonly states = new Map<string, SensorStatus>();
  #plans: readonly SensorPlan[] = [];
  #closing = false;

  constructor(private readonly options: SensorSetOptions) {}

  /** Those that are enabled. */
  get plans(): readonly SensorPlan[] {
    return this.#plans;
  }

  /** Plans every enabled sensor. Rejects when a geometry or a driver cannot be used. */
  async plan(
    config: Config,
    transports: Readonly<Record<string, TransportFactory>> = {},
  ): Promise<readonly SensorPlan[]> {
    this.#plans = await Promise.all(
      Object.entries(config.sensors)
        .filter(([, { enabled }]) => enabled)
        .map(([name, sensor]) => planSensor(name, sensor, transports[name]))
        .map(async (planned) => this.#record(await planned)),
    );
    return this.#plans;
  }

  /** Opens all that are planned. */
  open(pipelines: InputOptions['pipelines'], publisher: Pick<Publisher, 'publish'>): void {
    for (const plan of this.#plans) this.inputs.set(plan.name, this.#open(plan, pipelines, publisher));
  }

  /** Tells open sensors what has changed in their settings. */
  apply({ sensors }: Pick<Config, 'sensors'>): void {
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
  async #record(plan: SensorPlan): Promise<SensorPlan> {
    const { recorder } = this.options;
    if (recorder === undefined || plan.lossless) return plan;
    return recorder.record(plan, () => this.inputs.get(plan.name)?.sensor.status.identity);
  }

  #open(
    plan: SensorPlan,
    pipelines: InputOptions['pipelines'],
    publisher: Pick<Publisher, 'publish'>,
  ): Input {
    const { monoUs, onEvents } = this.options;
    return new Input({
      ...{ plan, pipelines, monoUs },
      onStatus: (status) => this.#status(plan, status, publisher),
      ...(onEvents === undefined ? {} : { onEvents: (batch: EventBatch) => onEvents(plan.name, batch) }),
    });
  }

  #status({ name, config }: SensorPlan, status: SensorStatus, publisher: Pick<Publisher, 'publish'>): void {
    if (this.#closing) return;
    if (status.state !== 'connecting') {
      logSensor(this.options.log, name, config, status, this.states.get(name));
      this.states.set(name, status);
    }
    publisher.publish('sensor-status', sensorStatusBody(name, config, status));
    this.options.onStatus(name, status);
  }
}
