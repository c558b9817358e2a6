/** From the results of one pipeline to its messages: `result` for each, `decision` and `state` for those to act on. */
import type { Config, PipelineConfig } from '../config/index.js';
import type { PipelineResult } from '../inference/index.js';
import { decisionBody, type Publisher, type ResultBody, resultBody } from '../publish/index.js';

/** Where a sensor's clock stands against the host's. */
export interface SensorTime {
  /** Host time (microseconds since 1970) of a device time; NaN before the first sample. */
  toHostUs(deviceUs: number): number;
  boundUs(deviceUs: number): number;
}

export interface AnswersOptions {
  readonly config: PipelineConfig;
  readonly publish: Config['publish'];
  readonly publisher: Pick<Publisher, 'publish'>;
  readonly nowUs: () => number;
  /** Clock of the sensor whose time is the pipeline's; undefined when the pipeline runs on host time (several sensors). */
  readonly sensorTime: SensorTime | undefined;
  /** Called with each result message. */
  readonly onResult?: (body: ResultBody, result: PipelineResult) => void;
}

export class Answers {
  #previousLabel: string | null = null;

  constructor(private readonly options: AnswersOptions) {}

  /** Publishes one result. */
  publish(result: PipelineResult): void {
    const { config, publish, publisher, onResult } = this.options;
    const body = resultBody(this.#answer(result), publish);
    publisher.publish('result', body);
    if (body.decided) {
      const decision = decisionBody(body, {
        prevLabel: this.#previousLabel,
        reason: 'window_end',
        validMs: config.validMs,
      });
      publisher.publish('decision', decision);
      publisher.publish('state', decision);
      this.#previousLabel = body.label;
    }
    onResult?.(body, result);
  }

  #answer(result: PipelineResult): Parameters<typeof resultBody>[0] {
    const { config, publish } = this.options;
    const { pipeline, sensors, window, model, decision, timings, spikes } = result;
    const { bins } = model.input;
    return {
      pipeline,
      sensors: [...sensors],
      window: window.index,
      final: true,
      step: bins,
      steps: bins,
      labels: model.labels,
      scores: decision.scores,
      decided: decision.confidence >= config.minConfidence,
      t: this.#times(result),
      latencyUs: {
        ingest: timings.ingestUs,
        wait: timings.waitUs,
        encode: timings.encodeUs,
        infer: timings.inferUs,
        post: timings.postUs,
      },
      model: { id: model.id, version: model.version, sha256: model.sha256.slice(0, 16), backend: 'cpu' },
      ...(publish.spikes
        ? { spikes: { in: window.events, hidden: spikes.hidden, synops: spikes.synapticOps } }
        : {}),
      flags: window.complete ? [] : ['incomplete'],
    };
  }

  #times({ window }: PipelineResult): Parameters<typeof resultBody>[0]['t'] {
    const { sensorTime, nowUs } = this.options;
    const decision_us = nowUs();
    const clock = 'unknown';
    // A window without events begins and ends with nothing: its bounds stand for them.
    const first = Number.isNaN(window.firstEventUs) ? window.startUs : window.firstEventUs;
    const last = Number.isNaN(window.lastEventUs) ? window.endUs : window.lastEventUs;
    if (sensorTime === undefined)
      return { event_first_us: whole(first), event_last_us: whole(last), decision_us, clock };
    return {
      sensor_first_us: whole(first),
      sensor_last_us: whole(last),
      event_first_us: whole(sensorTime.toHostUs(first)),
      event_last_us: whole(sensorTime.toHostUs(last)),
      decision_us,
      clock,
      sensor_offset_err_us: whole(sensorTime.boundUs(last)),
    };
  }
}

/** Whole microseconds, never negative; 0 for what is not known yet. */
function whole(us: number): number {
  return Number.isFinite(us) ? Math.max(0, Math.round(us)) : 0;
}
