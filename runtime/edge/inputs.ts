/** The way from open sensors into pipelines: who hears which sensor, whose clock counts, and when a replay must wait. */
import type { EventBatch, Sensor, SensorStatus } from '../../devices/index.js';
import type { Pipeline, PipelineCounters } from '../inference/index.js';
import { openPlanned, type SensorPlan } from '../sensors.js';

/** A pipeline that hears a sensor, and as which of its fingers. */
interface Hearer {
  readonly pipeline: Pipeline;
  readonly finger: number;
  /** Pipelines with several sensors run on host time, those with one on the sensor's own. */
  readonly aligned: boolean;
}

export interface InputOptions {
  readonly plan: SensorPlan;
  /** Pipelines by name, with the names of their sensors in order. */
  readonly pipelines: readonly { readonly pipeline: Pipeline; readonly sensors: readonly string[] }[];
  /** Halt the sensor while windows wait: for recordings, which must not lose any. */
  readonly lossless: boolean;
  readonly monoUs: () => number;
  readonly onStatus: (status: SensorStatus) => void;
  readonly onEvents?: (batch: EventBatch) => void;
}

/** Windows that may wait before a lossless sensor is halted, and at which it goes on. */
const most = 8;
const few = 2;

export class Input {
  readonly sensor: Sensor;
  readonly #hearers: readonly Hearer[];
  #halted = false;

  constructor(private readonly options: InputOptions) {
    const { plan, pipelines } = options;
    this.#hearers = pipelines
      .filter(({ sensors }) => sensors.includes(plan.name))
      .map(({ pipeline, sensors }) => ({
        pipeline,
        finger: sensors.indexOf(plan.name),
        aligned: sensors.length > 1,
      }));
    this.sensor = openPlanned(plan, {
      events: (batch) => this.#events(batch),
      advance: (deviceUs) => this.#advance(deviceUs),
      epoch: () => {
        for (const { pipeline, finger } of this.#hearers) pipeline.epoch(finger);
      },
      status: (status) => {
        for (const { pipeline, finger } of this.#hearers)
          pipeline.setOnline(finger, status.state === 'online');
        options.onStatus(status);
      },
    });
  }

  /** Call it when a window has been answered or dropped. */
  settled(): void {
    if (this.#halted && this.#waiting() <= few) {
      this.#halted = false;
      this.sensor.resume();
    }
  }

  #events(batch: EventBatch): void {
    const arrivedUs = this.options.monoUs();
    this.options.onEvents?.(batch);
    for (const hearer of this.#hearers) {
      this.#align(hearer, batch.tUs[batch.length - 1]!);
      hearer.pipeline.add(hearer.finger, batch, arrivedUs);
    }
    this.#haltIfFull();
  }

  #advance(deviceUs: number): void {
    const arrivedUs = this.options.monoUs();
    for (const hearer of this.#hearers) {
      this.#align(hearer, deviceUs);
      hearer.pipeline.advance(hearer.finger, deviceUs, arrivedUs);
    }
    this.#haltIfFull();
  }

  #align({ pipeline, finger, aligned }: Hearer, deviceUs: number): void {
    if (!aligned) return;
    const hostUs = this.sensor.clockSync.toHostUs(deviceUs);
    if (Number.isFinite(hostUs)) pipeline.setOffset(finger, Math.round(hostUs - deviceUs));
  }

  #haltIfFull(): void {
    if (!this.options.lossless || this.#halted || this.#waiting() < most) return;
    this.#halted = true;
    this.sensor.pause();
  }

  #waiting(): number {
    return Math.max(0, ...this.#hearers.map(({ pipeline }) => waitingWindows(pipeline.counters)));
  }
}

/** Windows that have closed and have not met their end yet. */
export function waitingWindows({ windows, answered, dropped, lost, failed, cut }: PipelineCounters): number {
  return windows - answered - dropped - lost - failed - cut;
}
