/** The way from open sensors into pipelines: who hears which sensor, whose clock counts, and when a replay must wait. */
import type {
  Clock,
  EventBatch,
  Sensor,
  SensorLevels,
  SensorListener,
  SensorStatus,
} from '../../devices/index.js';
import type { Pipeline, PipelineCounters } from '../inference/index.js';
import { openPlanned, type SensorPlan } from '../sensors.js';
import type { SensorTime } from './answers.js';

/** The counters that tell how many windows wait. */
type WindowCounters = Pick<
  PipelineCounters,
  'windows' | 'answered' | 'dropped' | 'shedWindows' | 'lost' | 'failed' | 'cut'
>;

/** What an input wants of a pipeline. */
export interface HearingPipeline
  extends Pick<Pipeline, 'add' | 'advance' | 'epoch' | 'gap' | 'setOffset' | 'setOnline' | 'flush'> {
  readonly counters: WindowCounters;
}

/** A pipeline that hears a sensor, and as which of its fingers. */
interface Hearer {
  readonly pipeline: HearingPipeline;
  readonly finger: number;
  /** Pipelines with several sensors run on host time, those with one on the sensor's own. */
  readonly aligned: boolean;
}

export interface InputOptions {
  readonly plan: SensorPlan;
  /** Pipelines, with the names of their sensors in order. */
  readonly pipelines: readonly { readonly pipeline: HearingPipeline; readonly sensors: readonly string[] }[];
  /** Of the sensor; that of the host when left out. */
  readonly clock?: Clock;
  readonly monoUs: () => number;
  readonly onStatus: (status: SensorStatus) => void;
  readonly onEvents?: (batch: EventBatch) => void;
}

/** Windows that may wait before a lossless sensor is halted, and at which it goes on. */
const most = 8;
const few = 2;

export class Input implements SensorTime {
  readonly sensor: Sensor;
  /** Hears the levels of a sensor that sends them; the object is reused. */
  onLevels: ((levels: SensorLevels) => void) | undefined;
  readonly #hearers: readonly Hearer[];
  #halted = false;
  #closing = false;
  /** Frames and events that were lost on the way so far. */
  #lost = 0;
  /** Host time minus device time when the sensor last spoke, and the bound on its error. */
  #offsetUs = Number.NaN;
  #boundUs = Number.POSITIVE_INFINITY;

  constructor(private readonly options: InputOptions) {
    const { plan, pipelines, clock } = options;
    this.#hearers = pipelines
      .filter(({ sensors }) => sensors.includes(plan.name))
      .map(({ pipeline, sensors }) => ({
        pipeline,
        finger: sensors.indexOf(plan.name),
        aligned: sensors.length > 1,
      }));
    const listener: SensorListener = {
      events: (batch) => this.#events(batch),
      advance: (deviceUs) => this.#advance(deviceUs),
      levels: (levels) => this.onLevels?.(levels),
      epoch: () => {
        for (const { pipeline, finger } of this.#hearers) pipeline.epoch(finger);
      },
      status: (status) => this.#status(status),
    };
    this.sensor = openPlanned(plan, listener, clock);
  }

  /** Host time of a device time; NaN before the first event. Windows are answered after a link is lost, too. */
  toHostUs(deviceUs: number): number {
    const hostUs = this.sensor.clockSync.toHostUs(deviceUs);
    return Number.isFinite(hostUs) ? hostUs : deviceUs + this.#offsetUs;
  }

  /** How far off `toHostUs` may be; Infinity while that is not known. */
  boundUs(deviceUs: number): number {
    const boundUs = this.sensor.clockSync.boundUs(deviceUs);
    return Number.isFinite(boundUs) ? boundUs : this.#boundUs;
  }

  /** Call it when a window has been answered or dropped. */
  settled(): void {
    if (this.#halted && this.#waiting() <= few) {
      this.#halted = false;
      this.sensor.resume();
    }
  }

  close(): Promise<void> {
    this.#closing = true;
    return this.sensor.close();
  }

  #status(status: SensorStatus): void {
    const { state } = status;
    const isRecording = this.options.plan.config.transport.kind === 'replay';
    const hasEnded = isRecording && !this.#closing && (state === 'absent' || state === 'error');
    for (const { pipeline, finger, aligned } of this.#hearers) {
      // At its end a recording counts as silent from there on, as a file does: its last window is answered.
      if (hasEnded && !aligned) pipeline.flush();
      pipeline.setOnline(finger, state === 'online');
    }
    this.options.onStatus(status);
  }

  #events(batch: EventBatch): void {
    const arrivedUs = this.options.monoUs();
    this.options.onEvents?.(batch);
    this.#noteLoss();
    this.#align(batch.tUs[batch.length - 1]!);
    for (const { pipeline, finger } of this.#hearers) pipeline.add(finger, batch, arrivedUs);
    this.#haltIfFull();
  }

  #advance(deviceUs: number): void {
    const arrivedUs = this.options.monoUs();
    this.#noteLoss();
    this.#align(deviceUs);
    for (const { pipeline, finger } of this.#hearers) pipeline.advance(finger, deviceUs, arrivedUs);
    this.#haltIfFull();
  }

  /** What is missing lies between the last time of the sensor and the next: windows there are not complete. */
  #noteLoss(): void {
    const { framesLost, eventsLost } = this.sensor.counters;
    if (framesLost + eventsLost === this.#lost) return;
    this.#lost = framesLost + eventsLost;
    for (const { pipeline, finger } of this.#hearers) pipeline.gap(finger);
  }

  #align(deviceUs: number): void {
    const { clockSync } = this.sensor;
    this.#offsetUs = clockSync.toHostUs(deviceUs) - deviceUs;
    this.#boundUs = clockSync.boundUs(deviceUs);
    if (!Number.isFinite(this.#offsetUs)) return;
    for (const { pipeline, finger, aligned } of this.#hearers)
      if (aligned) pipeline.setOffset(finger, Math.round(this.#offsetUs));
  }

  #haltIfFull(): void {
    if (!this.options.plan.lossless || this.#halted || this.#waiting() < most) return;
    this.#halted = true;
    this.sensor.pause();
  }

  #waiting(): number {
    return Math.max(0, ...this.#hearers.map(({ pipeline }) => waitingWindows(pipeline.counters)));
  }
}

/** Windows that have closed and have not met their end yet. */
export function waitingWindows(counters: WindowCounters): number {
  const { windows, answered, dropped, shedWindows, lost, failed, cut } = counters;
  return windows - answered - dropped - shedWindows - lost - failed - cut;
}
