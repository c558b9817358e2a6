import type { Clock, Timer } from '../clock.js';
import type { Pipeline } from '../inference/index.js';
import type { HeartbeatBody } from '../publish/index.js';
import { Progress } from './progress.js';

/** A pipeline as its heartbeat needs it. */
export type BeatingPipeline = Pick<Pipeline, 'state' | 'counters' | 'isBusy' | 'shedLevel'>;

export interface HeartbeatsOptions {
  readonly clock: Clock;
  /** Each running pipeline is heard of so often; 0: only by its results. */
  readonly everyMs: number;
  /** Pipelines by name, as they are at each look. */
  readonly pipelines: ReadonlyMap<string, BeatingPipeline>;
  readonly sensorsOf: (pipeline: string) => readonly string[];
  readonly isOnline: (sensor: string) => boolean;
  /** What an answer may take, in milliseconds. */
  readonly deadlineMs: (pipeline: string) => number;
  readonly publish: (body: HeartbeatBody) => void;
}

/** What is known of one pipeline. */
interface Beat {
  /** When its last message was published; -Infinity: it is to be heard of at the next look. */
  heardUs: number;
  /** When its last result was; NaN before the first. */
  resultUs: number;
  readonly progress: Progress;
}

/** A pipeline that has had something to do for so long and got nowhere has no heartbeat ... */
const STANDSTILL_MS = 1000;
/** ... or for so many times its deadline, where that is longer. */
const STANDSTILL_DEADLINES = 3;

/**
 * Sees to it that silence is a signal: a pipeline that runs and has published nothing for an interval publishes a
 * heartbeat. One that has no model or gets nowhere is silent. There is one timer for all, which fires when the first of
 * them is due; after a standstill of the thread each is heard of once, and not for every beat that was missed.
 */
export class Heartbeats {
  readonly #beats = new Map<string, Beat>();
  #timer: Timer | undefined;

  constructor(private readonly options: HeartbeatsOptions) {}

  start(): void {
    if (this.options.everyMs > 0) this.#look();
  }

  stop(): void {
    this.options.clock.clearTimer(this.#timer);
    this.#timer = undefined;
  }

  /** A result of this pipeline is being published. */
  heard(pipeline: string): void {
    const beat = this.#of(pipeline);
    beat.heardUs = beat.resultUs = this.options.clock.monoUs();
  }

  #look(): void {
    const { clock, everyMs, pipelines } = this.options;
    const nowUs = clock.monoUs();
    let dueUs = nowUs + everyMs * 1000;
    for (const [name, pipeline] of pipelines) dueUs = Math.min(dueUs, this.#lookAt(name, pipeline, nowUs));
    this.#timer = clock.setTimer(() => this.#look(), Math.max(1, Math.ceil((dueUs - nowUs) / 1000)));
  }

  /** Returns when its next beat is due. */
  #lookAt(name: string, pipeline: BeatingPipeline, nowUs: number): number {
    const { everyMs, publish } = this.options;
    const beat = this.#of(name);
    const standstillUs = beat.progress.look(pipeline, pipeline.isBusy, nowUs);
    if (pipeline.state !== 'running') {
      beat.heardUs = Number.NEGATIVE_INFINITY;
      return Number.POSITIVE_INFINITY;
    }
    if (nowUs - beat.heardUs >= everyMs * 1000) {
      if (standstillUs <= this.#mostStandstillUs(name)) publish(this.#body(name, pipeline, beat, nowUs));
      beat.heardUs = nowUs;
    }
    return beat.heardUs + everyMs * 1000;
  }

  #mostStandstillUs(name: string): number {
    return 1000 * Math.max(STANDSTILL_MS, STANDSTILL_DEADLINES * this.options.deadlineMs(name));
  }

  #body(name: string, { shedLevel }: BeatingPipeline, { resultUs }: Beat, nowUs: number): HeartbeatBody {
    const sensors = this.options.sensorsOf(name);
    const online = sensors.filter((sensor) => this.options.isOnline(sensor)).length;
    return {
      pipeline: name,
      state: stateOf(online, sensors.length, shedLevel),
      sensors: { online, of: sensors.length },
      shed: shedLevel,
      last_result_age_ms: Number.isNaN(resultUs) ? null : Math.round((nowUs - resultUs) / 1000),
    };
  }

  #of(name: string): Beat {
    const known = this.#beats.get(name);
    if (known !== undefined) return known;
    const beat = { heardUs: Number.NEGATIVE_INFINITY, resultUs: Number.NaN, progress: new Progress() };
    this.#beats.set(name, beat);
    return beat;
  }
}

function stateOf(online: number, of: number, shed: number): HeartbeatBody['state'] {
  if (online === 0) return 'no_sensor';
  if (online < of) return 'incomplete';
  return shed > 0 ? 'overloaded' : 'ok';
}
